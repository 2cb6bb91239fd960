package org.pgrunbook.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.diagnosis.Figure;
import org.pgrunbook.diagnosis.Finding;
import org.pgrunbook.diagnosis.Triage;
import org.pgrunbook.diagnosis.Verdict;
import org.pgrunbook.journal.Entry;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Listener;

/**
 * What a monitoring system reads: {@code PGRUNBOOK WARNING - demo: …| 'demo_pg1_connections'=12%}.
 *
 * @see <a href="https://www.monitoring-plugins.org/doc/guidelines.html#AEN201">Performance data</a>
 */
final class MonitorLine implements Listener {
  /** A pager shows little. */
  private static final int SHOWN = 3;

  private record Seen(String cluster, Triage triage) {}

  private final List<Seen> seen = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private String cluster = "";
  private Triage last;

  @Override
  public void heard(Entry entry) {
    switch (entry.event()) {
      case Event.Started started -> cluster = started.target();
      case Event.StepEnded step when step.value() instanceof Triage triage -> last = triage;
      case Event.Ended ignored when last != null -> {
        seen.add(new Seen(cluster, last));
        last = null;
      }
      default -> {}
    }
  }

  /** It could not be looked at; that something is critical was heard already. */
  void failed(Problem problem) {
    if (problem.exit() != Exit.FAILED || seen.isEmpty()) {
      failures.add(problem.fact());
    }
  }

  /** The exit status. */
  int status() {
    return switch (verdict()) {
      case OK -> 0;
      case WARN -> 1;
      case CRIT -> 2;
      case UNKNOWN -> 3;
    };
  }

  private Verdict verdict() {
    Verdict worst =
        seen.stream()
            .map(one -> one.triage().verdict())
            .min(Verdict::compareTo)
            .orElse(Verdict.UNKNOWN);
    return failures.isEmpty() || worst != Verdict.OK ? worst : Verdict.UNKNOWN;
  }

  String text() {
    List<String> said = new ArrayList<>(failures);
    seen.forEach(one -> said.add(one.cluster() + ": " + summary(one.triage())));
    String figures =
        seen.stream()
            .flatMap(one -> one.triage().figures().stream().map(it -> figure(one.cluster(), it)))
            .collect(Collectors.joining(" "));
    String line =
        "PGRUNBOOK %s - %s"
            .formatted(
                switch (verdict()) {
                  case OK -> "OK";
                  case WARN -> "WARNING";
                  case CRIT -> "CRITICAL";
                  case UNKNOWN -> "UNKNOWN";
                },
                String.join("; ", said).replace('|', '/').replaceAll("\\s+", " "));
    return figures.isEmpty() ? line : line + " | " + figures;
  }

  private static String summary(Triage triage) {
    List<Finding> wrong = triage.wrong();
    if (wrong.isEmpty()) {
      return triage.findings().size() + " checks are fine";
    }
    String first =
        wrong.stream()
            .limit(SHOWN)
            .map(
                one ->
                    "%s%s %s"
                        .formatted(
                            one.node() == null ? "" : one.node() + " ",
                            one.incident(),
                            one.finding()))
            .collect(Collectors.joining(", "));
    return wrong.size() <= SHOWN ? first : first + ", and " + (wrong.size() - SHOWN) + " more";
  }

  /** {@code 'label'=value[unit];[warn];[crit];[min]}. */
  private static String figure(String cluster, Figure one) {
    return "'%s%s_%s'=%d%s;%s;%s;0"
        .formatted(
            cluster,
            one.node() == null ? "" : "_" + one.node().getName(),
            one.name(),
            one.value(),
            one.unit(),
            one.warn() == null ? "" : one.warn(),
            one.critical() == null ? "" : one.critical());
  }
}
