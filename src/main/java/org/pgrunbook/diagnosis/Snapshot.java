package org.pgrunbook.diagnosis;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * What there was to see before anything changed: the step that takes it keeps it in the run's
 * journal.
 *
 * @param node where
 * @param views the rows of each statistics view, as JSON
 * @param disks what {@code df -P} says on the host, or why it says nothing
 */
public record Snapshot(Node node, Map<String, List<String>> views, List<String> disks) {

  static Snapshot of(Node node) {
    Map<String, List<String>> views = new LinkedHashMap<>();
    for (Row row : Server.of(node).rows(Question.EVIDENCE)) {
      views.computeIfAbsent(row.text("view"), view -> new ArrayList<>()).add(row.text("row"));
    }
    return new Snapshot(node, views, disks(node));
  }

  /** A host that cannot be reached is no reason to stop. */
  private static List<String> disks(Node node) {
    try {
      return node.getSsh().read("df", "-P", "-k").lines();
    } catch (Problem e) {
      return List.of(e.fact());
    }
  }

  /** {@code 12 sessions, 34 locks}. */
  @Override
  public String toString() {
    return "%d processes, %d locks and %d other rows"
        .formatted(
            size("pg_stat_activity"),
            size("pg_locks"),
            views.values().stream().mapToInt(List::size).sum()
                - size("pg_stat_activity")
                - size("pg_locks"));
  }

  private int size(String view) {
    return views.getOrDefault(view, List.of()).size();
  }
}
