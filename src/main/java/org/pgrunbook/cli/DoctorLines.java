package org.pgrunbook.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.pgrunbook.diagnosis.Triage;
import org.pgrunbook.journal.Entry;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Json;
import org.pgrunbook.journal.Listener;

/**
 * The checks of a cluster as JSON lines, for programs: one object a {@code check} and one a {@code
 * figure}, told apart by {@code kind}.
 */
final class DoctorLines implements Listener {
  /** Rises only when a reader of the older form would misread the newer one. */
  private static final int VERSION = 1;

  private final Consumer<String> out;
  private String cluster = "";
  private Triage last;

  DoctorLines(Consumer<String> out) {
    this.out = out;
  }

  @Override
  public void heard(Entry entry) {
    switch (entry.event()) {
      case Event.Started started -> cluster = started.target();
      case Event.StepEnded step when step.value() instanceof Triage triage -> last = triage;
      case Event.Ended ignored when last != null -> tell();
      default -> {}
    }
  }

  /** What the last step has summed up. */
  private void tell() {
    last.findings().forEach(finding -> line("check", Json.fields(finding)));
    last.figures().forEach(figure -> line("figure", Json.fields(figure)));
    last = null;
  }

  private void line(String kind, Map<String, Object> fields) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("v", VERSION);
    line.put("kind", kind);
    line.put("cluster", cluster);
    fields.forEach((name, value) -> line.put(name.equals("incident") ? "check" : name, value));
    out.accept(Json.line(line));
  }
}
