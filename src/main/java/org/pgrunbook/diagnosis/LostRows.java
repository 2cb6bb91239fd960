package org.pgrunbook.diagnosis;

import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pgrunbook.inventory.NodeSpec;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Removal;

/**
 * What a transaction has taken away, by the names of the tables.
 *
 * @param xid the transaction
 * @param time when it was committed, by the server's clock
 * @param deleted how many rows it deleted
 * @param updated how many it wrote anew
 * @param files how many relations it dropped, emptied or wrote anew
 * @param of which tables; of what is dropped only the numbers of the files are known
 */
public record LostRows(long xid, Instant time, long deleted, long updated, int files, String of) {
  static final String INCIDENT = "accidental-change";

  static List<LostRows> of(Server server, List<Removal> removals) {
    Relations relations =
        Relations.of(
            server,
            removals.stream()
                .flatMap(
                    one ->
                        Stream.concat(
                            one.rows().stream().map(Removal.Rows::table), one.files().stream()))
                .toList());
    return removals.stream().map(one -> of(one, relations)).toList();
  }

  private static LostRows of(Removal removal, Relations relations) {
    return new LostRows(
        removal.xid(),
        removal.time(),
        removal.deleted(),
        removal.updated(),
        removal.files().size(),
        Stream.concat(removal.rows().stream().map(Removal.Rows::table), removal.files().stream())
            .distinct()
            .map(file -> relations.of(file).inWords(file))
            .distinct()
            .limit(5)
            .collect(Collectors.joining(", ")));
  }

  /**
   * What was found out, with the command that restores the state just before it.
   *
   * @param suspects all that took much away
   * @param xid the one that is held to be it; null if only the time is known, or nothing
   * @param time the last good moment; null if the transaction is known, or nothing
   */
  static Finding finding(Cluster cluster, List<LostRows> suspects, String xid, Instant time) {
    Node primary = cluster.getPrimary();
    if (xid == null && time == null) {
      return Finding.ok(INCIDENT, primary, "no transaction in the repository's WAL took much away");
    }
    String what =
        suspects.stream()
            .filter(one -> String.valueOf(one.xid()).equals(xid))
            .findFirst()
            .map(LostRows::toString)
            .orElse(time == null ? "it was transaction " + xid : "all was still well at " + time);
    String onto =
        cluster.getNodes().stream()
            .filter(node -> node.spec().role() == NodeSpec.Role.SPARE)
            .findFirst()
            .map(Node::getName)
            .orElse("NODE");
    String target = time == null ? "xid=" + xid + " -p inclusive=false" : "time=" + time;
    return new Finding(
        Verdict.CRIT,
        INCIDENT,
        primary,
        what,
        "pgrunbook run restore/point-in-time %s -p onto=%s -p %s".formatted(cluster, onto, target));
  }

  /** {@code transaction 742 deleted 990 rows of public.orders of database shop at …}. */
  @Override
  public String toString() {
    String what =
        deleted > 0
            ? "deleted " + deleted + " rows of "
            : files > 0 ? "dropped, emptied or wrote anew " : "wrote anew " + updated + " rows of ";
    return "transaction " + xid + " " + what + of + " at " + time;
  }
}
