package org.pgrunbook.diagnosis;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Standing;

/**
 * What triage looks for on a server, by the name of the incident; the playbook to run first comes
 * first. A check that fails says why: that is no good news, but no reason to skip the others.
 */
final class Checks {
  static final String HIGH_CONNECTIONS = "high-connections";

  /**
   * What a check goes by.
   *
   * @param server who answers
   * @param activity all of its processes
   * @param limits from when on figures are worth a warning
   */
  record Sample(Server server, Activity activity, Thresholds limits) {
    Node node() {
      return server.node();
    }
  }

  private static final Map<String, Function<Sample, Finding>> ALL = new LinkedHashMap<>();

  static {
    ALL.put(HIGH_CONNECTIONS, Checks::connections);
    ALL.put(
        LockQueues.INCIDENT,
        sample -> sample.activity().lockQueues(sample.limits().lockWait()).finding());
    ALL.put(
        BlockingTree.INCIDENT,
        sample -> sample.activity().blockingTree(sample.limits().lockWait()).finding());
    ALL.put(
        IdleInTransaction.INCIDENT,
        sample ->
            sample.activity().idleInTransaction(sample.limits().idleInTransaction()).finding());
    ALL.put(
        RunawayQueries.INCIDENT,
        sample -> sample.activity().runawayQueries(sample.limits().query()).finding());
    ALL.put(
        InactiveSlots.INCIDENT,
        sample -> InactiveSlots.of(sample.server(), sample.limits().slotRetained()).finding());
    ALL.put(
        Archiving.INCIDENT,
        sample -> Archiving.of(sample.server(), sample.limits().archiveWaiting()).finding());
    ALL.put(
        ReplicationLag.INCIDENT,
        sample -> ReplicationLag.of(sample.server(), sample.limits().lag()).finding());
    ALL.put(
        PreparedTransactions.INCIDENT,
        sample -> PreparedTransactions.of(sample.server(), sample.limits().prepared()).finding());
    ALL.put(
        Sequences.INCIDENT,
        onPrimary(
            Sequences.INCIDENT,
            sample -> Sequences.of(sample.server(), sample.limits().sequence()).finding()));
    ALL.put(
        InvalidIndexes.INCIDENT,
        onPrimary(InvalidIndexes.INCIDENT, sample -> InvalidIndexes.of(sample.server()).finding()));
  }

  private Checks() {}

  static List<Finding> all(Cluster cluster, Standing standing) {
    Node node = standing.node();
    Sample sample;
    try {
      Server server = Server.of(node);
      sample =
          new Sample(
              server,
              Activity.of(server, cluster.spec().protection()),
              Thresholds.of(cluster.spec()));
    } catch (Problem e) {
      return List.of(unknown("triage", node, e));
    }
    return ALL.entrySet().stream()
        .map(check -> look(check.getKey(), check.getValue(), sample))
        .toList();
  }

  /** What a standby has from its primary is looked at there. */
  private static Function<Sample, Finding> onPrimary(
      String incident, Function<Sample, Finding> check) {
    return sample ->
        sample.server().inRecovery()
            ? Finding.ok(incident, sample.node(), "a standby has what its primary has")
            : check.apply(sample);
  }

  private static Finding look(String incident, Function<Sample, Finding> check, Sample sample) {
    try {
      return check.apply(sample);
    } catch (Problem e) {
      return unknown(incident, sample.node(), e);
    }
  }

  private static Finding unknown(String incident, Node node, Problem e) {
    return new Finding(
        Verdict.UNKNOWN,
        incident,
        node,
        "nobody can tell: " + e.fact(),
        e.hints().stream().findFirst().orElse(null));
  }

  private static Finding connections(Sample sample) {
    ConnectionUsage usage = ConnectionUsage.of(sample.node());
    Verdict verdict =
        usage.percent() >= sample.limits().connectionsCritical()
            ? Verdict.CRIT
            : usage.percent() >= sample.limits().connections() ? Verdict.WARN : Verdict.OK;
    return verdict == Verdict.OK
        ? Finding.ok(HIGH_CONNECTIONS, sample.node(), "enough connections are free")
        : Finding.of(
            verdict, HIGH_CONNECTIONS, sample.node(), usage + " of the connections are taken");
  }
}
