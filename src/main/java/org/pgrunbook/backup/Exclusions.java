package org.pgrunbook.backup;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What of a data directory does not belong into a backup. Directories stay, because a server does
 * not start without them; their contents go. Decided on the whole listing: which relations are
 * unlogged shows only once all names are known (P9).
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP-DATA">Backing
 *     up the data directory</a>
 */
final class Exclusions {
  /** Directories whose contents the server makes anew, or must not find (P8). */
  private static final Set<String> EMPTIED =
      Set.of(
          "pg_wal",
          "pg_replslot",
          "pg_dynshmem",
          "pg_notify",
          "pg_serial",
          "pg_snapshots",
          "pg_stat_tmp",
          "pg_subtrans");

  /** The server starts without these only if they are there, though empty. */
  private static final Set<String> KEPT_INSIDE =
      Set.of("pg_wal/archive_status", "pg_wal/summaries");

  /**
   * Files at the top of the data directory, by their whole path (anchored, never by their last
   * name).
   */
  private static final Set<String> TOP =
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

  private static final Pattern TEMPORARY =
      Pattern.compile(
          "(^|.*/)(pgsql_tmp[^/]*(/.*)?|pg_internal\\.init(\\.\\d+)?|t\\d+_\\d+(_\\w+)?(\\.\\d+)?)");

  /** An initialisation fork: its relation is unlogged. */
  private static final Pattern INIT = Pattern.compile("(.*/\\d+)_init");

  private static final Pattern FORK = Pattern.compile("(.*/\\d+)(_(?:fsm|vm))?(\\.\\d+)?");

  private Exclusions() {}

  /** What remains of the listing of a data directory, or of a tablespace in it. */
  static List<Manifest.File> apply(List<Manifest.File> listing) {
    Set<String> unlogged =
        listing.stream()
            .map(file -> INIT.matcher(file.path()))
            .filter(java.util.regex.Matcher::matches)
            .map(matcher -> matcher.group(1))
            .collect(Collectors.toSet());
    return listing.stream().filter(file -> belongs(file, unlogged)).toList();
  }

  private static boolean belongs(Manifest.File file, Set<String> unlogged) {
    String path = file.path();
    boolean directory = file.kind().equals("d");
    String top = path.contains("/") ? path.substring(0, path.indexOf('/')) : "";
    if (EMPTIED.contains(top)) {
      return directory && KEPT_INSIDE.contains(path);
    }
    if (TOP.contains(path) || (!directory && TEMPORARY.matcher(path).matches())) {
      return false;
    }
    if (directory && path.matches(".*pgsql_tmp[^/]*")) {
      return false;
    }
    // The links of tablespaces are made anew from tablespace_map.
    if (top.equals("pg_tblspc") && file.kind().equals("l")) {
      return false;
    }
    var fork = FORK.matcher(path);
    return directory || !fork.matches() || !unlogged.contains(fork.group(1));
  }
}
