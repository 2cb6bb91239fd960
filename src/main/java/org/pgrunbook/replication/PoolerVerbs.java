package org.pgrunbook.replication;

import java.time.Duration;
import org.pgrunbook.Changes;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Pooler;

/** What failover and switchover do with the poolers of a cluster, as runbooks use it. */
public final class PoolerVerbs {
  private PoolerVerbs() {}

  /**
   * Holds back the clients of all databases that the pooler has on a node: what they send waits,
   * and nobody is disconnected. Returns when every transaction has ended.
   *
   * <p>A process on the pooler's host lets them go on after the limit, also if nobody is left who
   * could say {@link #resume}. It needs {@code psql} there.
   *
   * @param limit how long they are held back at most
   * @param patience how long it may take until the transactions have ended
   * @throws Problem with exit 1 if they do not end in time; then say {@link #resume}
   * @see <a href="https://www.pgbouncer.org/usage.html#pause-db">PAUSE</a>
   */
  @Changes
  public static void pause(Pooler pooler, Node primary, Duration limit, Duration patience) {
    PoolerPause.requireLimit(limit, patience);
    Doubt.repeatable(() -> new PoolerPause(pooler).begin(primary, limit, patience));
  }

  /**
   * Lets the clients that {@link #pause} holds back go on, wherever the pooler leads them now. If
   * it cannot be told, a warning says so: they go on when the limit is over.
   *
   * @see <a href="https://www.pgbouncer.org/usage.html#resume-db">RESUME</a>
   */
  @Changes
  public static void resume(Pooler pooler) {
    Doubt.repeatable(() -> new PoolerPause(pooler).end());
  }

  /**
   * Makes a pooler lead to another node: the addresses in the {@code [databases]} of its
   * configuration file are changed, and it reads that. Connections that still wait for the old node
   * after a second, because that is silent, are cut.
   *
   * @param to the node that they are led to
   * @param from the node that they are on now, by the address that the inventory gives it
   * @return what became of it; that it could not be told holds nothing up
   * @see <a href="https://www.pgbouncer.org/usage.html#reload">RELOAD</a>
   */
  @Changes
  public static Told pointTo(Pooler pooler, Node to, Node from) {
    return Doubt.repeatable(() -> new PoolerRedirection(pooler, from, to).perform());
  }
}
