package org.pgrunbook.report;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.pgrunbook.DataSize;
import org.pgrunbook.journal.Legible;
import org.pgrunbook.journal.PastRun;

/** Reads the entries of a journal, each into the step that it belongs to. */
final class Reading {
  /** A step, as far as it was read. */
  private static final class Begun {
    final String path;
    final Instant start;
    final List<Deed> deeds = new ArrayList<>();
    Instant end;
    Outcome outcome;
    String said = "";
    String value = "";

    Begun(String path, Instant start) {
      this.path = path;
      this.start = start;
    }
  }

  private final PastRun run;
  private final String outcome;
  private final Instant end;
  private final Map<String, Begun> steps = new LinkedHashMap<>();
  private final Map<Object, Map<String, Object>> open = new LinkedHashMap<>();
  private final List<Told> told = new ArrayList<>();
  private final List<String> standing = new ArrayList<>();
  private final Set<String> locks = new LinkedHashSet<>();

  Reading(PastRun run, Instant now) {
    this.run = run;
    this.outcome = run.outcome();
    List<Map<String, Object>> entries = run.entries();
    boolean running = outcome.equals("running");
    this.end = entries.isEmpty() || running ? now : at(entries.getLast());
    steps.put("", new Begun("", entries.isEmpty() ? now : at(entries.getFirst())));
    entries.forEach(this::read);
    // In a map: two changes may have been on their way when the process died.
    open.values().forEach(entry -> add(entry, deed(entry, at(entry), end, unknown())));
  }

  Account account(List<PastRun> before, List<PastRun> after) {
    Instant start = steps.get("").start;
    return new Account(
        run,
        outcome,
        start,
        end,
        parts(),
        List.copyOf(told),
        List.copyOf(standing),
        List.copyOf(locks),
        before,
        after);
  }

  private Outcome unknown() {
    return outcome.equals("running") ? Outcome.GOING_ON : Outcome.OPEN;
  }

  private void read(Map<String, Object> entry) {
    String step = text(entry, "step");
    switch (text(entry, "event")) {
      case "step-started" -> steps.put(step, new Begun(step, at(entry)));
      case "step-ended" -> ended(entry, step);
      case "step-reused" -> {
        Begun reused = new Begun(step, at(entry));
        reused.end = at(entry);
        reused.outcome = Outcome.REUSED;
        reused.said = text(entry, "why");
        steps.put(step, reused);
      }
      case "operation-started" -> open.put(entry.get("id"), entry);
      case "operation-ended" -> {
        Map<String, Object> begun = open.remove(entry.get("id"));
        Instant start = begun == null ? at(entry).minus(took(entry)) : at(begun);
        add(entry, deed(entry, start, at(entry), Outcome.of(entry.get("outcome"))));
      }
      case "undoable" -> standing.add(text(entry, "undo"));
      case "locked" -> locks.add(text(entry, "lock"));
      case "unlocked" -> locks.remove(text(entry, "lock"));
      case "point-of-no-return" -> {
        standing.clear();
        tell(entry, Told.Kind.POINT_OF_NO_RETURN, "point of no return");
      }
      case "said" ->
          tell(
              entry,
              "warning".equals(entry.get("level")) ? Told.Kind.WARNING : Told.Kind.NOTE,
              text(entry, "text"));
      case "would" -> tell(entry, Told.Kind.WOULD, "would " + text(entry, "text"));
      case "tabled" -> told.add(table(entry));
      case "measured" ->
          tell(
              entry,
              Told.Kind.MEASURE,
              text(entry, "name") + ": " + Legible.figure(entry.get("value"), entry.get("type")));
      case "confirmed" ->
          tell(
              entry,
              Told.Kind.ANSWER,
              (Boolean.TRUE.equals(entry.get("agreed")) ? "agreed" : "not agreed")
                  + " ("
                  + entry.get("how")
                  + "): "
                  + entry.get("question"));
      default -> {}
    }
  }

  private void ended(Map<String, Object> entry, String path) {
    Begun step = steps.computeIfAbsent(path, key -> new Begun(key, at(entry).minus(took(entry))));
    step.end = at(entry);
    step.outcome = Outcome.of(entry.get("outcome"));
    step.said = text(entry, "error");
    step.value = entry.get("value") == null ? "" : Legible.cell(entry.get("value"));
    if (path.startsWith("undo: ")) {
      standing.remove(path.substring("undo: ".length()));
    }
  }

  private void add(Map<String, Object> entry, Deed deed) {
    steps.computeIfAbsent(deed.step(), key -> new Begun(key, at(entry))).deeds.add(deed);
  }

  private static Deed deed(Map<String, Object> entry, Instant start, Instant end, Outcome outcome) {
    Map<?, ?> operation = (Map<?, ?>) entry.get("operation");
    return new Deed(
        text(entry, "in"),
        String.valueOf(operation.get("wire")),
        String.valueOf(operation.get("node")),
        String.valueOf(operation.get("text")),
        Boolean.TRUE.equals(operation.get("change")),
        outcome,
        start,
        end.isBefore(start) ? start : end,
        figures(entry.get("result")),
        text(entry, "error"));
  }

  private static String figures(Object result) {
    if (!(result instanceof Map<?, ?> figures)) {
      return "";
    }
    return figures.entrySet().stream()
        .filter(figure -> !figure.getKey().equals("sha256"))
        .filter(figure -> !(figure.getKey().equals("exit") && figure.getValue().equals(0)))
        .map(
            figure ->
                figure.getKey().equals("bytes") && figure.getValue() instanceof Number bytes
                    ? new DataSize(bytes.longValue()).toString()
                    : figure.getKey() + " " + Legible.cell(figure.getValue()))
        .collect(Collectors.joining(", "));
  }

  @SuppressWarnings("unchecked")
  private static Told table(Map<String, Object> entry) {
    return new Told(
        at(entry),
        text(entry, "in"),
        Told.Kind.TABLE,
        "",
        (List<String>) entry.get("columns"),
        (List<List<Object>>) entry.get("rows"));
  }

  private void tell(Map<String, Object> entry, Told.Kind kind, String text) {
    told.add(Told.of(at(entry), text(entry, "in"), kind, text));
  }

  private List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    Map<String, Integer> depths = new HashMap<>();
    int number = 0;
    for (Begun step : steps.values()) {
      if (step.path.isEmpty()) {
        if (!step.deeds.isEmpty()) {
          parts.add(
              new Part(
                  0, "", "outside of steps", 0, step.start, end, Outcome.DONE, "", "", step.deeds));
        }
        continue;
      }
      String parent = parent(step.path);
      int depth = parent.isEmpty() ? 0 : depths.getOrDefault(parent, 0) + 1;
      depths.put(step.path, depth);
      parts.add(
          new Part(
              ++number,
              step.path,
              parent.isEmpty() ? step.path : step.path.substring(parent.length() + 1),
              depth,
              step.start,
              step.end == null ? end : step.end,
              step.outcome == null ? unknown() : step.outcome,
              step.said,
              step.value,
              List.copyOf(step.deeds)));
    }
    return List.copyOf(parts);
  }

  /** The longest path of a step that this one goes on from: a name may have slashes too. */
  private String parent(String path) {
    for (int i = path.lastIndexOf('/'); i > 0; i = path.lastIndexOf('/', i - 1)) {
      if (steps.containsKey(path.substring(0, i))) {
        return path.substring(0, i);
      }
    }
    return "";
  }

  private static Instant at(Map<String, Object> entry) {
    return Instant.parse(text(entry, "at"));
  }

  private static Duration took(Map<String, Object> entry) {
    return entry.get("took") instanceof Number took ? Legible.seconds(took) : Duration.ZERO;
  }

  private static String text(Map<String, Object> entry, String key) {
    Object value = entry.get(key);
    return value == null ? "" : value.toString();
  }
}
