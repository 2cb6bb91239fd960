package org.pgrunbook.diagnosis;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Node;

/** What is measured on a node for whoever draws curves of it; what cannot be told is left out. */
final class Figures {
  private Figures() {}

  static List<Figure> of(Checks.Sample sample) {
    Thresholds limits = sample.limits();
    Server server = sample.server();
    Node node = sample.node();
    List<Figure> figures = new ArrayList<>();
    add(
        figures,
        () ->
            new Figure(
                node,
                "connections",
                ConnectionUsage.of(node).percent(),
                "%",
                (long) limits.connections(),
                (long) limits.connectionsCritical()));
    add(
        figures,
        () -> {
          WalUsage wal = WalUsage.of(server, limits.walSize());
          return new Figure(node, "pg_wal", wal.held().bytes(), "B", wal.limit().bytes(), null);
        });
    add(
        figures,
        () ->
            new Figure(
                node,
                "disk",
                DiskUsage.of(sample.cluster(), node, false).fullest().worst(),
                "%",
                (long) limits.disk(),
                (long) limits.diskCritical()));
    add(
        figures,
        () ->
            new Figure(
                node, "waiting_for_locks", sample.activity().waiting().size(), "", null, null));
    if (!server.inRecovery()) {
      add(
          figures,
          () ->
              new Figure(
                  node,
                  "xid_age",
                  FreezeAge.of(server, limits.xidAge()).databases().getFirst().age(),
                  "",
                  limits.xidAge(),
                  null));
      add(
          figures,
          () ->
              new Figure(
                  node,
                  "lag",
                  ReplicationLag.of(server, limits.lag()).receivers().stream()
                      .mapToLong(one -> one.total().bytes())
                      .max()
                      .orElse(0),
                  "B",
                  limits.lag().bytes(),
                  null));
    }
    return List.copyOf(figures);
  }

  /** That it could not be looked at is a finding already. */
  private static void add(List<Figure> figures, Supplier<Figure> measure) {
    try {
      figures.add(measure.get());
    } catch (Problem e) {
      // Told by the check of the same.
    }
  }
}
