package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.pgrunbook.Durations;

/**
 * Requests for the lock of a table that wait for somebody, while others, who would get along with
 * that somebody, queue behind the request: a migration behind a long report stops all readers.
 *
 * @param activity all processes at that moment
 * @param longer how long is too long to wait
 * @param queues the longest first
 * @see <a href="https://www.postgresql.org/docs/current/explicit-locking.html">Explicit locking</a>
 */
public record LockQueues(Activity activity, Duration longer, List<Queue> queues) {
  static final String INCIDENT = "lock-queue";

  /**
   * One request at the head of a queue.
   *
   * @param request who wants the lock
   * @param ahead who has a lock that is in its way
   * @param behind who waits because of the request
   */
  public record Queue(Backend request, List<Backend> ahead, List<Backend> behind) {
    /** How long anybody behind the request has waited. */
    Duration longestWait() {
      return behind.stream()
          .map(one -> one.lock().waited())
          .max(Duration::compareTo)
          .orElse(Duration.ZERO);
    }
  }

  /**
   * A process of a queue, and its place in it.
   *
   * @param place who holds the lock, who asks for it, who is behind
   * @param pid its process
   * @param who role and application
   * @param state what it does
   * @param lock that it waits for; null: it waits for none
   * @param since for how long it has been in that state
   * @param what its statement
   */
  public record Line(
      String place, int pid, String who, String state, String lock, Duration since, String what) {}

  static LockQueues of(Activity activity, Duration longer) {
    BlockingTree tree = new BlockingTree(activity, longer);
    return new LockQueues(
        activity,
        longer,
        activity.waiting().stream()
            .filter(one -> "relation".equals(one.lock().type()))
            .filter(one -> !activity.behind(one.pid()).isEmpty())
            .map(one -> new Queue(one, ahead(activity, one), tree.behind(one)))
            .sorted(Comparator.comparingInt((Queue queue) -> queue.behind().size()).reversed())
            .toList());
  }

  private static List<Backend> ahead(Activity activity, Backend one) {
    Set<Integer> pids = Set.copyOf(one.blockedBy());
    return activity.all().stream().filter(other -> pids.contains(other.pid())).toList();
  }

  /** The queue that the most wait in; null if there is none. */
  public Queue worst() {
    return queues.stream().findFirst().orElse(null);
  }

  /** What to show of a queue: who has the lock, who asks for it, who waits behind. */
  public static List<Line> lines(Queue queue) {
    List<Line> lines = new java.util.ArrayList<>();
    queue.ahead().forEach(one -> lines.add(line("in front", one)));
    lines.add(line("wants the lock", queue.request()));
    queue.behind().forEach(one -> lines.add(line("behind", one)));
    return List.copyOf(lines);
  }

  private static Line line(String place, Backend one) {
    return new Line(
        place,
        one.pid(),
        one.who(),
        one.state().isEmpty() ? one.kind() : one.state(),
        one.lock() == null ? null : one.lock().toString(),
        one.since(),
        one.statement());
  }

  /** What was found out. */
  public Finding finding() {
    Queue queue = worst();
    if (queue == null) {
      return Finding.ok(INCIDENT, activity.node(), "no request for a table's lock holds others up");
    }
    Duration longest = queue.longestWait();
    if (longest.compareTo(longer) <= 0) {
      return Finding.ok(
          INCIDENT,
          activity.node(),
          "%d queue for a table's lock, none for longer than %s"
              .formatted(queue.behind().size(), Durations.show(longer)));
    }
    return Finding.of(
        Verdict.CRIT,
        INCIDENT,
        activity.node(),
        "%s because %d wants %s and does not get it"
            .formatted(
                queue.behind().size() == 1
                    ? "1 session has to wait for " + Durations.show(longest)
                    : "%d sessions have to wait, the longest for %s"
                        .formatted(queue.behind().size(), Durations.show(longest)),
                queue.request().pid(),
                queue.request().lock()));
  }
}
