package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.pgrunbook.Durations;

/**
 * Who waits for whose locks. A root is in the way of others and waits for nobody: to end anybody
 * else helps nobody.
 *
 * @param activity all processes at that moment
 * @param longer how long is too long to wait
 * @see <a
 *     href="https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SESSION">
 *     pg_blocking_pids</a>
 */
public record BlockingTree(Activity activity, Duration longer) {
  static final String INCIDENT = "blocking-chain";

  /** Who a prepared transaction is in the way of is told that its pid is this. */
  private static final int PREPARED = 0;

  /** Of those that wait it is an emergency. */
  private static final int MANY = 10;

  /**
   * A process in the tree.
   *
   * @param session its pid, indented below the one that is in its way
   * @param waitsFor the lock; null for a root
   * @param who role and application
   * @param state what it does
   * @param since for how long
   * @param waited for how long it has waited; null: it does not wait
   * @param statement its text, shortened
   */
  public record Line(
      String session,
      String who,
      String state,
      Duration since,
      String waitsFor,
      Duration waited,
      String statement) {}

  /**
   * Those that are in the way of others and wait for nobody, the one with the most behind first.
   */
  public List<Backend> roots() {
    return activity.all().stream()
        .filter(one -> one.blockedBy().isEmpty() && !activity.behind(one.pid()).isEmpty())
        .sorted(Comparator.comparingInt((Backend one) -> behind(one).size()).reversed())
        .toList();
  }

  /** The root that the most wait for; null if there is none. */
  public Backend worst() {
    return roots().stream().findFirst().orElse(null);
  }

  /** The root with that pid; null if it is none. */
  public Backend root(int pid) {
    return roots().stream().filter(one -> one.pid() == pid).findFirst().orElse(null);
  }

  /** All that wait behind one, directly or not. */
  public List<Backend> behind(Backend one) {
    Set<Backend> found = new LinkedHashSet<>();
    collect(one.pid(), found);
    return List.copyOf(found);
  }

  private void collect(int pid, Set<Backend> found) {
    for (Backend next : activity.behind(pid)) {
      if (found.add(next)) {
        collect(next.pid(), found);
      }
    }
  }

  /** Whether a prepared transaction is in somebody's way: it has no process to end. */
  public boolean isPrepared() {
    return !activity.behind(PREPARED).isEmpty();
  }

  /** The tree, each below the one that is in its way. */
  public List<Line> lines() {
    List<Line> lines = new ArrayList<>();
    Set<Integer> seen = new LinkedHashSet<>();
    if (isPrepared()) {
      lines.add(new Line("prepared", "a prepared transaction", "", null, null, null, ""));
      addBehind(PREPARED, 1, lines, seen);
    }
    roots().forEach(root -> add(root, 0, lines, seen));
    // Two that wait for each other have no root; the server resolves that itself, after a second.
    activity.waiting().forEach(one -> add(one, 0, lines, seen));
    return List.copyOf(lines);
  }

  private void add(Backend one, int depth, List<Line> lines, Set<Integer> seen) {
    if (!seen.add(one.pid())) {
      return;
    }
    Optional<Backend.LockWait> lock = Optional.ofNullable(one.lock());
    lines.add(
        new Line(
            "  ".repeat(depth) + one.pid(),
            one.who(),
            one.state().isEmpty() ? one.kind() : one.state(),
            one.since(),
            lock.map(Backend.LockWait::toString).orElse(null),
            lock.map(Backend.LockWait::waited).orElse(null),
            one.statement()));
    addBehind(one.pid(), depth + 1, lines, seen);
  }

  private void addBehind(int pid, int depth, List<Line> lines, Set<Integer> seen) {
    activity.behind(pid).forEach(next -> add(next, depth, lines, seen));
  }

  /** How long the one waits that waits for longest; zero if none does. */
  public Duration longestWait() {
    return activity.waiting().stream()
        .map(one -> one.lock().waited())
        .max(Duration::compareTo)
        .orElse(Duration.ZERO);
  }

  /** What was found out. */
  public Finding finding() {
    int waiting = activity.waiting().size();
    Duration longest = longestWait();
    if (longest.compareTo(longer) <= 0) {
      return Finding.ok(
          INCIDENT,
          activity.node(),
          waiting == 0
              ? "nobody waits for a lock"
              : "%d wait for locks, none for longer than %s"
                  .formatted(waiting, Durations.show(longer)));
    }
    boolean critical = waiting >= MANY || longest.compareTo(longer.multipliedBy(2)) > 0;
    return Finding.of(
        critical ? Verdict.CRIT : Verdict.WARN,
        INCIDENT,
        activity.node(),
        "%s for locks, the longest for %s; %s"
            .formatted(
                waiting == 1 ? "1 session waits" : waiting + " sessions wait",
                Durations.show(longest),
                culprit()));
  }

  private String culprit() {
    if (isPrepared()) {
      return "a prepared transaction is in the way";
    }
    Backend root = worst();
    return root == null ? "they wait for each other" : "in the way is " + root.inWords();
  }
}
