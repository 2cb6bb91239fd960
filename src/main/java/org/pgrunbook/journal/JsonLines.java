package org.pgrunbook.journal;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Writes each entry as one line of JSON: the form of the journal files and of {@code --json}. */
public final class JsonLines implements Listener {
  /** Rises only when a reader of the older form would misread the newer one. */
  static final int VERSION = 1;

  private final Consumer<String> out;

  public JsonLines(Consumer<String> out) {
    this.out = out;
  }

  @Override
  public void heard(Entry entry) {
    out.accept(of(entry));
  }

  /** One entry as a line without its newline. */
  static String of(Entry entry) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("v", VERSION);
    line.put("seq", entry.sequence());
    line.put("at", entry.at());
    if (!entry.step().isEmpty()) {
      line.put("in", entry.step());
    }
    line.put("event", name(entry.event()));
    line.putAll(Json.fields((Record) entry.event()));
    switch (entry.event()) {
      case Event.StepEnded step -> line.put("value", Json.exact(step.value()));
      case Event.StepReused step -> line.put("value", Json.exact(step.value()));
      case Event.Remembered answer -> line.put("value", Json.exact(answer.value()));
      case Event.Measured figure -> line.put("type", Revival.type(figure.value()));
      default -> {}
    }
    return Json.line(line);
  }

  /** {@code StepStarted} is {@code step-started}. */
  static String name(Event event) {
    return event
        .getClass()
        .getSimpleName()
        .replaceAll("(?<=[a-z])(?=[A-Z])", "-")
        .toLowerCase(java.util.Locale.ROOT);
  }
}
