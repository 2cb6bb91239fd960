package org.pgrunbook.replication;

import java.time.Duration;
import java.util.List;
import org.pgrunbook.Changes;
import org.pgrunbook.postgres.Node;

/** For whom commits wait, as the runbook {@code replication/sync} changes it. */
public final class SyncVerbs {
  private SyncVerbs() {}

  /**
   * Makes the plan by which commits on a primary wait for standbys, and looks whether all of them
   * stream at this moment. Changes nothing.
   *
   * @param standbys those that may confirm a commit; none: commits wait for nobody
   * @param number how many of them have to
   * @param method by what they are chosen
   * @throws org.pgrunbook.Problem with exit 3 if commits would wait for ever: one of them does not
   *     stream, shares its name with another, or too few are named
   * @see <a
   *     href="https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-SYNCHRONOUS-STANDBY-NAMES">synchronous_standby_names</a>
   */
  public static SyncPlan planSync(
      Node primary, List<Node> standbys, int number, SyncMethod method) {
    return new Synchronous(primary).plan(standbys, number, method);
  }

  /** Whether a primary waits for as many standbys as a plan wants, at this moment. */
  public static boolean waitsAsPlanned(Node primary, SyncPlan plan) {
    return new Synchronous(primary).holds(plan);
  }

  /**
   * Commits a message that no table keeps, and proves that as many standbys have it as the plan
   * wants, or that nobody was waited for. A commit that was not confirmed in time is made all the
   * same, and only not waited for (P66).
   *
   * @param limit how long the commit may take
   * @return how long it took
   * @throws org.pgrunbook.Problem with exit 1 if it was not confirmed
   * @see <a href="https://www.postgresql.org/docs/current/functions-admin.html">
   *     pg_logical_emit_message</a>
   */
  @Changes
  public static Duration proveCommit(Node primary, SyncPlan plan, Duration limit) {
    return new Synchronous(primary).prove(plan, limit);
  }
}
