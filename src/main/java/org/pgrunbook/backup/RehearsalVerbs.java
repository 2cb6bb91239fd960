package org.pgrunbook.backup;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.pgrunbook.Changes;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.NodeSpec;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Node;

/** The verbs of a rehearsal: a restore that is only made to see whether it can be. */
public final class RehearsalVerbs {
  private RehearsalVerbs() {}

  /**
   * On whose host a rehearsal goes: on the given node's, else on the first spare's.
   *
   * @param folder on the host of a node that is no spare it has to be said where
   * @param onto null: the first spare
   * @throws Problem with exit 3 if there is no spare, or the node is none and no folder is given
   */
  public static Node rehearsalHost(Cluster cluster, Node onto, String folder) {
    Node host =
        Optional.ofNullable(onto)
            .or(() -> cluster.getNodes().stream().filter(RehearsalVerbs::isSpare).findFirst())
            .orElseThrow(
                () ->
                    Problem.refused("cluster \"" + cluster + "\" has no spare to rehearse on")
                        .hint(
                            "Name a host and a folder: -p onto=NODE -p folder=/scratch/rehearsal.")
                        .state("nothing was changed"));
    if (folder == null && !isSpare(host)) {
      throw Problem.refused(host + " is no spare: it has a server of its own")
          .hint("If its host may bear the work, say where: -p folder=/scratch/rehearsal.")
          .state("nothing was changed");
    }
    return host;
  }

  private static boolean isSpare(Node node) {
    return node.spec().role() == NodeSpec.Role.SPARE;
  }

  /**
   * Looks for a place for the copy on a node's host: a folder that is empty or not there, with room
   * for all of it, and a free port. Takes nothing yet.
   *
   * @param folder null: the node's data directory with {@code .rehearsal} behind it
   * @throws Problem with exit 3 if it must not go there
   */
  public static Scratch scratch(Node node, RestorePlan plan, String folder) {
    return Scratch.on(node, plan, folder);
  }

  /**
   * The result of a rehearsal that begins: of one that fails at once, too, something is known.
   *
   * @param began when it began
   */
  public static Rehearsal rehearsal(
      Repository repository, Scratch scratch, RestorePlan plan, Instant began) {
    WalRoute route =
        WalRoute.of(repository.wal().index(), plan.backup(), Optional.of(plan.timeline()));
    return Rehearsal.of(scratch, plan, route.newestMoment(repository.wal()), began);
  }

  /**
   * Asks the copy a query that answers one value.
   *
   * @param expect the answer that it has to be, as text; null: any
   * @param database null: that of the inventory
   * @param limit how long it may take
   * @throws Problem with exit 1 if it is another
   */
  public static Rehearsal.Check checkAnswer(
      Scratch scratch, String query, String expect, String database, Duration limit) {
    return new CopyChecks(scratch.server()).answer(query, expect, database, limit);
  }

  /**
   * Lets pg_amcheck look at every table and index of the copy, if its host has it.
   *
   * @param processes how many connections it uses
   * @param limit how long it may take
   * @throws Problem with exit 1 if one is damaged
   * @see <a href="https://www.postgresql.org/docs/current/app-pgamcheck.html">pg_amcheck</a>
   */
  @Changes
  public static Rehearsal.Check amcheck(Scratch scratch, int processes, Duration limit) {
    return new CopyChecks(scratch.server()).amcheck(processes, limit);
  }

  /**
   * Computes the checksum of every page of the copy, whose server was stopped: by pg_checksums, or
   * by reading all pages from here where the host has none.
   *
   * @param limit how long it may take
   * @throws Problem with exit 1 if one is wrong
   * @see <a href="https://www.postgresql.org/docs/current/app-pgchecksums.html">pg_checksums</a>
   */
  public static Rehearsal.Check checkPages(Scratch scratch, RestorePlan plan, Duration limit) {
    return new CopyChecks(scratch.server()).pages(plan, limit);
  }

  /** Writes the result of a rehearsal into the repository. */
  @Changes
  public static void recordRehearsal(Repository repository, Rehearsal rehearsal) {
    Doubt.repeatable(() -> new Rehearsals(repository).record(rehearsal));
  }

  /**
   * Writes into the repository that a rehearsal failed, and why; one that a person interrupted
   * proves nothing.
   */
  @Changes
  public static void recordFailure(Repository repository, Rehearsal rehearsal, Problem why) {
    if (why.exit() != Exit.INTERRUPTED) {
      String reason = repository.cluster().run().secrets().redact(why.fact());
      recordRehearsal(repository, rehearsal.failed(reason));
    }
  }
}
