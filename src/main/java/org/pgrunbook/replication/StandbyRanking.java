package org.pgrunbook.replication;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.NodeSpec.Role;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.ControlFile;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Standing;
import org.pgrunbook.postgres.TimelineHistory;

/**
 * Compares standbys: by their timelines' history first, and by LSN only among those that share one
 * (P62).
 */
final class StandbyRanking {
  private static final int AT_ONCE = 10;

  private final Cluster cluster;
  private final Node primary;
  private final Function<List<Candidate>, Optional<Lsn>> endOfWal;
  private final Function<List<Candidate>, Optional<Lsn>> endOfConfirmed;

  private StandbyRanking(
      Cluster cluster,
      Node primary,
      Function<List<Candidate>, Optional<Lsn>> endOfWal,
      Function<List<Candidate>, Optional<Lsn>> endOfConfirmed) {
    this.cluster = cluster;
    this.primary = primary;
    this.endOfWal = endOfWal;
    this.endOfConfirmed = endOfConfirmed;
  }

  /** After the death of the primary: its WAL ends where its disk says, if that can be read. */
  static StandbyRanking after(Cluster cluster, Evidence evidence) {
    return new StandbyRanking(
        cluster,
        evidence.node(),
        candidates -> endOfWal(evidence, candidates),
        candidates -> endOfConfirmed(evidence, candidates));
  }

  /** While the primary lives: its WAL ends where it says. */
  static StandbyRanking behind(Cluster cluster, Node primary) {
    return new StandbyRanking(
        cluster,
        primary,
        candidates -> Optional.of(Standing.of(primary).lsn()),
        candidates -> Optional.empty());
  }

  Ranking rank() {
    List<Node> nodes =
        cluster.getNodes().stream()
            .filter(node -> node.spec().role() != Role.SPARE && !node.equals(primary))
            .toList();
    List<Candidate> asked = Parallel.all(nodes, AT_ONCE, this::ask);
    List<Candidate> related = withoutStrangers(asked);
    Optional<Lsn> end = endOfWal.apply(related);
    boolean allThere =
        end.isPresent()
            && related.stream().map(Candidate::end).anyMatch(it -> it.reaches(end.get()));
    Optional<Lsn> confirmed = allThere ? Optional.empty() : endOfConfirmed.apply(related);
    return new Ranking(
        related.stream()
            .map(candidate -> candidate.losingUpTo(end).havingAllUpTo(confirmed))
            .sorted(Candidate.BEST_FIRST)
            .toList());
  }

  /** A node that said nothing when all were asked is not waited for again. */
  private Candidate ask(Node node) {
    Standing standing = cluster.getTopology().of(node);
    if (standing.isUnknown()) {
      return Candidate.unknown(node, standing.remark());
    }
    try {
      Replay replay = Replay.of(node);
      return Candidate.of(node, replay, excludes(node, replay));
    } catch (Problem e) {
      if (e.exit() != Exit.UNREACHABLE && e.exit() != Exit.FAILED) {
        throw e;
      }
      return Candidate.unknown(node, e.fact());
    }
  }

  /** P64: what was put aside on purpose is not promoted. */
  private static String excludes(Node node, Replay replay) {
    if (!node.spec().failover()) {
      return "failover: never";
    }
    if (replay.delay().isPositive()) {
      return "recovery_min_apply_delay holds it back";
    }
    return replay.paused() ? "replay is paused" : "";
  }

  /** Those whose WAL is not of the newest timeline's history cannot be compared with the others. */
  private static List<Candidate> withoutStrangers(List<Candidate> candidates) {
    int newest = candidates.stream().mapToInt(Candidate::timeline).max().orElse(0);
    if (candidates.stream().allMatch(one -> one.timeline() == 0 || one.timeline() == newest)) {
      return candidates;
    }
    Node owner =
        candidates.stream()
            .filter(one -> one.timeline() == newest)
            .findFirst()
            .orElseThrow()
            .node();
    TimelineHistory history = TimelineHistory.of(owner, newest);
    return candidates.stream()
        .map(
            one ->
                one.timeline() == 0 || history.contains(one.timeline(), one.replayed())
                    ? one
                    : one.excluded("its timeline left the others'"))
        .toList();
  }

  /** Up to where a client of the dead primary may have been told that its commit is safe (P65). */
  private static Optional<Lsn> endOfConfirmed(Evidence evidence, List<Candidate> candidates) {
    if (!evidence.isHostReached()) {
      return Optional.empty();
    }
    int newest = candidates.stream().mapToInt(Candidate::timeline).max().orElse(0);
    return SynchronousNames.of(evidence.node())
        .flatMap(
            names ->
                names.confirmedUpTo(
                    candidates.stream()
                        .filter(one -> one.timeline() > 0 && one.timeline() == newest)
                        .map(
                            one ->
                                new SynchronousNames.Standby(
                                    Synchronous.nameOf(one.node()), one.end()))
                        .toList()));
  }

  /** The end of the dead primary's WAL, as far as anybody can tell. */
  private static Optional<Lsn> endOfWal(Evidence evidence, List<Candidate> candidates) {
    if (!evidence.isHostReached()) {
      return Optional.empty();
    }
    return Host.control(evidence.node())
        .flatMap(control -> endOfWal(evidence.node(), control, candidates));
  }

  private static Optional<Lsn> endOfWal(
      Node primary, ControlFile control, List<Candidate> candidates) {
    int timeline = EndOfWal.timeline(control);
    List<Candidate> related =
        candidates.stream().filter(candidate -> candidate.timeline() == timeline).toList();
    EndOfWal wal = new EndOfWal(primary, control);
    // What was received may end where no record can be found; what was applied ends with one.
    return related.stream()
        .map(Candidate::end)
        .max(Lsn::compareTo)
        .flatMap(wal::after)
        .or(
            () ->
                related.stream().map(Candidate::replayed).max(Lsn::compareTo).flatMap(wal::after));
  }
}
