package org.pgrunbook.replication;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.journal.Doubt.Settlement;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.ssh.Command;

/** What a node has had, kept beside its data directory under the time of when that was. */
final class Aside {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  /** What a rewind or a copy would replace by the primary's own (P76). */
  private static final String CONFIGURATION =
      "postgresql.conf postgresql.auto.conf pg_hba.conf pg_ident.conf conf.d";

  /** What is there under its name is whole; what was cut short is begun anew. */
  private static final String KEEP =
      """
      [ ! -e "$2" ] || exit 0
      rm -rf -- "$2.part" && mkdir --mode=0700 -- "$2.part" || exit
      cp -pR -- "$1/pg_wal/." "$2.part/pg_wal" && cd "$1" || exit
      for name in $3; do
          [ ! -e "$name" ] || cp -pR -- "$name" "$2.part/" || exit
      done
      mv -T -- "$2.part" "$2"
      """;

  private static final String PUT_BACK =
      """
      cd "$2" || exit
      for name in $3; do
          [ ! -e "$name" ] || cp -pR -- "$name" "$1/" || exit
      done
      """;

  /** Half a copy has no pg_control yet, or says itself that it is one; a whole one is kept. */
  private static final String MOVE_BACK =
      """
      [ -e "$2" ] || exit 0
      if [ -e "$1/global/pg_control" ] && [ ! -e "$1/COPY_UNFINISHED" ]; then
          mv -T -- "$1" "$2.copy" && echo "$2.copy" || exit
      fi
      rm -rf -- "$1" && mv -T -- "$2" "$1"
      """;

  private final Node node;
  private final String data;

  Aside(Node node) {
    this.node = node;
    this.data = node.getPostmaster().getData().replaceFirst("/+$", "");
  }

  /** Copies its configuration and its WAL beside the data directory. */
  String keep(Instant now) {
    String aside = data + "." + STAMP.format(now);
    node.getSsh().run(Command.changeScript(KEEP, data, aside, CONFIGURATION));
    return aside;
  }

  /** Moves the whole data directory aside. */
  String moveAside(Instant now) {
    String aside = data + "." + STAMP.format(now);
    // Not twice, should the run have been ended right after it.
    Doubt.settledBy(
        () -> exists(aside) ? Settlement.DONE : Settlement.NOT_DONE,
        () -> node.getSsh().run("mv", "--no-target-directory", "--", data, aside));
    return aside;
  }

  private boolean exists(String path) {
    return node.getSsh().run(Command.probe("test", "-e", path).accept(0, 1)).exit() == 0;
  }

  void moveBack(Instant then, Duration limit) {
    String aside = data + "." + STAMP.format(then);
    if (exists(aside)) {
      new Return(node).stop(limit);
    }
    String kept = node.getSsh().run(Command.changeScript(MOVE_BACK, data, aside)).text();
    if (!kept.isEmpty()) {
      node.run().journal().warn("the copy stays, in \"%s\" of %s".formatted(kept, node));
    }
  }

  void putBackConfiguration(String aside) {
    node.getSsh().run(Command.changeScript(PUT_BACK, data, aside, CONFIGURATION));
  }
}
