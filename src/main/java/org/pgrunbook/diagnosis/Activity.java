package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.List;
import org.pgrunbook.inventory.ClusterSpec.Protection;
import org.pgrunbook.postgres.Node;

/**
 * Every process of a server at one moment, without our own session: the questions of an incident
 * are answered from the same picture.
 *
 * @param node the server
 * @param all the processes, the oldest transaction first
 */
public record Activity(Node node, List<Backend> all) {

  static Activity of(Server server, Protection protection) {
    return new Activity(
        server.node(),
        server.rows(Question.ACTIVITY, protection.users(), Ending.applications(protection)).stream()
            .map(Backend::of)
            .toList());
  }

  /** The sessions that sit idle in a transaction for longer. */
  public IdleInTransaction idleInTransaction(Duration longer) {
    return new IdleInTransaction(
        this,
        longer,
        all.stream()
            .filter(one -> one.isClient() && one.isIdleInTransaction())
            .filter(one -> one.since().compareTo(longer) > 0)
            .toList());
  }

  /** Who waits for whom, if anybody waits for longer. */
  public BlockingTree blockingTree(Duration longer) {
    return new BlockingTree(this, longer);
  }

  /** Requests for a table's lock that wait, and that others queue behind. */
  public LockQueues lockQueues(Duration longer) {
    return LockQueues.of(this, longer);
  }

  /** Statements that have been running for longer. */
  public RunawayQueries runawayQueries(Duration longer) {
    return RunawayQueries.of(this, longer);
  }

  /** The processes that wait for that one, those directly behind it. */
  List<Backend> behind(int pid) {
    return all.stream().filter(one -> one.blockedBy().contains(pid)).toList();
  }

  /** Whether that process still does what it did when it was looked at. */
  boolean isUnchanged(Backend before) {
    return all.stream()
        .anyMatch(
            now ->
                now.pid() == before.pid()
                    && now.started().equals(before.started())
                    && now.changed().equals(before.changed()));
  }

  /** The processes that wait for a lock. */
  public List<Backend> waiting() {
    return all.stream().filter(one -> !one.blockedBy().isEmpty()).toList();
  }
}
