package org.pgrunbook.backup;

import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What of a data directory, or of a tablespace, does not belong into a backup. Everything goes by
 * the whole path, never by the last name alone: what a user has put there is kept, whatever it is
 * called. Decided on the whole listing, since which relations are unlogged shows only once all
 * names are known (P9).
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP-DATA">Backing
 *     up the data directory</a>
 */
final class Exclusions {
  /**
   * Directories without which a server does not start, but whose contents it makes anew, or must
   * not find (P8).
   */
  static final List<String> EMPTIED =
      List.of(
          "pg_wal",
          "pg_replslot",
          "pg_dynshmem",
          "pg_notify",
          "pg_serial",
          "pg_snapshots",
          "pg_stat_tmp",
          "pg_subtrans");

  private static final Set<String> FILES =
      Set.of(
          "postmaster.pid",
          "postmaster.opts",
          "postgresql.auto.conf.tmp",
          "current_logfiles.tmp",
          "backup_label",
          "backup_label.old",
          "tablespace_map",
          "tablespace_map.old",
          "backup_manifest",
          "backup_manifest.tmp",
          "recovery.signal",
          "standby.signal",
          // Stored apart, and put in place last (P7).
          "global/pg_control");

  /** Where relations lie: {@code base/5}, or {@code PG_18_202506291/5} in a tablespace. */
  private static final String DATABASE = "(?:base|PG_\\d+_\\d+)/\\d+/";

  private static final Pattern TEMPORARY =
      Pattern.compile(
          "(?:base|PG_\\d+_\\d+)/pgsql_tmp(?:/.*)?"
              + "|(?:global/|%1$s)pg_internal\\.init(?:\\.\\d+)?".formatted(DATABASE)
              + "|%1$st\\d+_\\d+(?:_\\w+)?(?:\\.\\d+)?".formatted(DATABASE));

  /** An initialisation fork: its relation is unlogged. */
  private static final Pattern INIT = Pattern.compile("(%s\\d+)_init".formatted(DATABASE));

  private static final Pattern FORK =
      Pattern.compile("(%s\\d+)(?:_fsm|_vm)?(?:\\.\\d+)?".formatted(DATABASE));

  private Exclusions() {}

  /** What remains of the listing of a data directory, or of a tablespace. */
  static List<Manifest.File> apply(List<Manifest.File> listing) {
    Set<String> unlogged =
        listing.stream()
            .map(file -> INIT.matcher(file.path()))
            .filter(Matcher::matches)
            .map(matcher -> matcher.group(1))
            .collect(Collectors.toSet());
    return listing.stream().filter(file -> belongs(file, unlogged)).toList();
  }

  private static boolean belongs(Manifest.File file, Set<String> unlogged) {
    String path = file.path();
    String top = path.contains("/") ? path.substring(0, path.indexOf('/')) : path;
    if (EMPTIED.contains(top)) {
      // pg_wal may be a link, which on another host leads nowhere, and on this one to live WAL.
      return path.equals(top) && file.kind().equals("d");
    }
    // The links of tablespaces are made anew from tablespace_map (P12).
    boolean tablespace = top.equals("pg_tblspc") && file.kind().equals("l");
    if (tablespace || FILES.contains(path) || TEMPORARY.matcher(path).matches()) {
      return false;
    }
    Matcher fork = FORK.matcher(path);
    return !fork.matches() || !unlogged.contains(fork.group(1));
  }
}
