package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Node;

/**
 * What triage looks for on a server, by the name of the incident; the playbook to run first comes
 * first. A check that fails says why: that is no good news, but no reason to skip the others.
 */
final class Checks {
  static final String HIGH_CONNECTIONS = "high-connections";
  private static final String CHECKSUMS = "checksums";

  /** A rate takes two looks, and who asks triage does not wait long. */
  private static final Duration WATCHED = Duration.ofSeconds(1);

  /** For a check before the next one begins beside it. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** How far back triage looks into a log. */
  private static final Duration LATELY = Duration.ofHours(1);

  /**
   * What a check goes by.
   *
   * @param cluster its cluster
   * @param server who answers
   * @param activity all of its processes
   * @param limits from when on figures are worth a warning
   * @param checkpoints a first look at a primary's; null on a standby
   */
  record Sample(
      Cluster cluster,
      Server server,
      Activity activity,
      Thresholds limits,
      Checkpoints.Look checkpoints) {
    Node node() {
      return server.node();
    }
  }

  /** What has a playbook. */
  private static final Map<String, Function<Sample, Finding>> INCIDENTS = new LinkedHashMap<>();

  /** What somebody should know who looks once a day. */
  private static final Map<String, Function<Sample, Finding>> DAILY = new LinkedHashMap<>();

  static {
    INCIDENTS.put(HIGH_CONNECTIONS, Checks::connections);
    INCIDENTS.put(
        SyncStandbys.INCIDENT,
        onPrimary(SyncStandbys.INCIDENT, sample -> SyncStandbys.of(sample.server()).finding()));
    INCIDENTS.put(DamagedPages.INCIDENT, sample -> DamagedPages.of(sample.server()).finding());
    INCIDENTS.put(
        FreezeAge.INCIDENT,
        onPrimary(
            FreezeAge.INCIDENT,
            sample -> FreezeAge.of(sample.server(), sample.limits().xidAge()).finding()));
    INCIDENTS.put(
        LockQueues.INCIDENT,
        sample -> sample.activity().lockQueues(sample.limits().lockWait()).finding());
    INCIDENTS.put(
        BlockingTree.INCIDENT,
        sample -> sample.activity().blockingTree(sample.limits().lockWait()).finding());
    INCIDENTS.put(
        IdleInTransaction.INCIDENT,
        sample ->
            sample.activity().idleInTransaction(sample.limits().idleInTransaction()).finding());
    INCIDENTS.put(
        TempFiles.INCIDENT,
        sample ->
            TempFiles.of(sample.server(), sample.activity(), sample.limits().tempSize()).finding());
    INCIDENTS.put(
        RunawayQueries.INCIDENT,
        sample -> sample.activity().runawayQueries(sample.limits().query()).finding());
    INCIDENTS.put(
        InactiveSlots.INCIDENT,
        sample -> InactiveSlots.of(sample.server(), sample.limits().slotRetained()).finding());
    INCIDENTS.put(
        Archiving.INCIDENT,
        sample -> Archiving.of(sample.server(), sample.limits().archiveWaiting()).finding());
    INCIDENTS.put(
        WalUsage.INCIDENT,
        sample -> WalUsage.of(sample.server(), sample.limits().walSize()).finding());
    INCIDENTS.put(StandbyStream.INCIDENT, sample -> StandbyStream.of(sample.server()).finding());
    INCIDENTS.put(
        ReplicationLag.INCIDENT,
        sample -> ReplicationLag.of(sample.server(), sample.limits().lag()).finding());
    INCIDENTS.put(
        PreparedTransactions.INCIDENT,
        sample -> PreparedTransactions.of(sample.server(), sample.limits().prepared()).finding());
    INCIDENTS.put(
        DeadRows.INCIDENT,
        onPrimary(
            DeadRows.INCIDENT,
            sample -> DeadRows.of(sample.server(), sample.limits().deadRows()).finding()));
    INCIDENTS.put(
        Sequences.INCIDENT,
        onPrimary(
            Sequences.INCIDENT,
            sample -> Sequences.of(sample.server(), sample.limits().sequence()).finding()));
    INCIDENTS.put(
        InvalidIndexes.INCIDENT,
        onPrimary(InvalidIndexes.INCIDENT, sample -> InvalidIndexes.of(sample.server()).finding()));
    INCIDENTS.put(
        DiskUsage.INCIDENT,
        sample -> DiskUsage.of(sample.cluster(), sample.node(), false).finding());
    INCIDENTS.put(
        ConfigurationFiles.INCIDENT, sample -> ConfigurationFiles.of(sample.server()).finding());
    INCIDENTS.put(
        Credentials.INCIDENT,
        sample -> Credentials.of(sample.server(), sample.limits().certificate(), false).finding());
    INCIDENTS.put(
        FailedLogins.INCIDENT,
        sample ->
            FailedLogins.of(sample.server(), LATELY, sample.limits().failedLogins()).finding());
    INCIDENTS.put(
        Clock.INCIDENT, sample -> Clock.of(sample.server(), sample.limits().clockSkew()).finding());
    // The last one: since the first look some time has to go by.
    INCIDENTS.put(
        Checkpoints.INCIDENT,
        onPrimary(
            Checkpoints.INCIDENT,
            sample ->
                Checkpoints.since(
                        sample.checkpoints(),
                        sample.server(),
                        WATCHED,
                        sample.limits().checkpoints())
                    .finding()));
    DAILY.put(CHECKSUMS, Checks::checksums);
  }

  private Checks() {}

  /**
   * What was found out on a node.
   *
   * @param figures what was measured, if somebody draws curves of it
   */
  record Found(List<Finding> findings, List<Figure> figures) {}

  /** Looks for incidents. */
  static Found incidents(Cluster cluster, Node node, Budget budget) {
    return look(
        cluster, node, sample -> new Found(all(List.of(INCIDENTS), sample, budget), List.of()));
  }

  /** Looks for all that somebody should know, and measures. */
  static Found daily(Cluster cluster, Node node, Budget budget) {
    return look(
        cluster,
        node,
        sample -> {
          List<Finding> findings = all(List.of(INCIDENTS, DAILY), sample, budget);
          List<List<Figure>> figures =
              Parallel.within(budget.left(), List.of(sample), Figures::of, _ -> List.of());
          return new Found(findings, figures.getFirst());
        });
  }

  /** What is known of a node that did not even say what it is. */
  static Found late(Node node) {
    return new Found(List.of(late("triage", node)), List.of());
  }

  private static Found look(Cluster cluster, Node node, Function<Sample, Found> look) {
    Sample sample;
    try {
      Server server = Server.of(node);
      sample =
          new Sample(
              cluster,
              server,
              Activity.of(server, cluster.spec().protection()),
              Thresholds.of(cluster.spec()),
              server.inRecovery() ? null : Checkpoints.Look.at(server));
    } catch (Problem e) {
      return new Found(List.of(unknown("triage", node, e)), List.of());
    }
    return look.apply(sample);
  }

  /** One that hangs, because somebody has locked a catalog, hides none of the others. */
  private static List<Finding> all(
      List<Map<String, Function<Sample, Finding>>> checks, Sample sample, Budget budget) {
    return Parallel.within(
        budget.left(),
        PATIENCE,
        checks.stream().flatMap(some -> some.entrySet().stream()).toList(),
        one -> look(one.getKey(), one.getValue(), sample),
        one -> late(one.getKey(), sample.node()));
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

  private static Finding late(String incident, Node node) {
    String cluster = node.spec().cluster();
    return new Finding(
        Verdict.UNKNOWN,
        incident,
        node,
        "nobody can tell: no answer in time; its machine is busy, or somebody has locked what is"
            + " asked for",
        INCIDENTS.containsKey(incident)
            ? "pgrunbook run incident/%s %s -p node=%s".formatted(incident, cluster, node.getName())
            : "pgrunbook run incident/blocking-chain %s -p node=%s"
                .formatted(cluster, node.getName()));
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

  private static Finding checksums(Sample sample) {
    return sample.server().row(Question.CHECKSUMS).bool("on")
        ? Finding.ok(CHECKSUMS, sample.node(), "every page has a checksum")
        : new Finding(
            Verdict.UNKNOWN,
            CHECKSUMS,
            sample.node(),
            "nobody can tell whether pages are damaged: there are no checksums",
            "pg_checksums --enable, while the server is down");
  }
}
