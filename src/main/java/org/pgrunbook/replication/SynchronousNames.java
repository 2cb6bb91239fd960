package org.pgrunbook.replication;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.ssh.Command;

/**
 * By how many of which standbys a commit is confirmed before its client is told. So a commit of
 * which a client was told is on that many of them, and if fewer than that many cannot be asked, one
 * that can be asked has it (P65). Each name has to be that of one standby.
 *
 * @param number how many have to confirm
 * @param names who may, in small letters, as the server compares them
 * @see <a
 *     href="https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-SYNCHRONOUS-STANDBY-NAMES">synchronous_standby_names</a>
 */
record SynchronousNames(int number, List<String> names) {
  private static final Pattern FORM =
      Pattern.compile("(?is)\\s*(?:(?:ANY|FIRST)\\s+)?(\\d+)\\s*\\((.*)\\)\\s*");

  private static final Pattern NAME = Pattern.compile("\"((?:[^\"]|\"\")*)\"|([^,\\s]+)");

  /** A server that is down is asked by its program, started as it was started last. */
  private static final String SETTINGS =
      """
      data=$1
      eval "set -- $(cat "$data/postmaster.opts")" &&
          "$@" -D "$data" -C synchronous_commit && "$@" -D "$data" -C synchronous_standby_names
      exit 0
      """;

  /**
   * Those of a server that need not run.
   *
   * @return empty if its commits wait for nobody, or if that cannot be told
   */
  static Optional<SynchronousNames> of(Node primary) {
    Command ask = Command.probeScript(SETTINGS, primary.getPostmaster().getData());
    List<String> said = primary.getSsh().run(ask).lines();
    return said.size() < 2 || List.of("off", "local").contains(said.get(0))
        ? Optional.empty()
        : parse(said.get(1));
  }

  /** Reads the setting; empty if it names nobody, or whoever comes. */
  static Optional<SynchronousNames> parse(String setting) {
    Matcher form = FORM.matcher(setting);
    boolean counted = form.matches();
    List<String> names = new ArrayList<>();
    Matcher name = NAME.matcher(counted ? form.group(2) : setting);
    while (name.find()) {
      String plain = name.group(1) == null ? name.group(2) : name.group(1).replace("\"\"", "\"");
      names.add(plain.toLowerCase(Locale.ROOT));
    }
    return names.isEmpty() || names.contains("*")
        ? Optional.empty()
        : Optional.of(new SynchronousNames(counted ? Integer.parseInt(form.group(1)) : 1, names));
  }

  /**
   * Up to where the WAL may be that was confirmed.
   *
   * @param standbys that could be asked, and up to where each has WAL
   * @return empty if too few could be asked, or two go by one name
   */
  Optional<Lsn> confirmedUpTo(List<Standby> standbys) {
    Map<String, Lsn> heard = new HashMap<>();
    for (Standby standby : standbys) {
      String name = standby.name().toLowerCase(Locale.ROOT);
      if (names.contains(name) && heard.put(name, standby.end()) != null) {
        return Optional.empty();
      }
    }
    boolean enough = names.stream().distinct().count() - heard.size() < number;
    return enough ? heard.values().stream().max(Lsn::compareTo) : Optional.empty();
  }

  /** A standby by the name under which it streams. */
  record Standby(String name, Lsn end) {}
}
