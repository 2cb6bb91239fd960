package org.pgrunbook.cli;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.pgrunbook.DataSize;
import org.pgrunbook.journal.Legible;
import org.pgrunbook.journal.PastRun;

/**
 * Says the entries of a journal for a person: local time with milliseconds, then what happened.
 * Unless all is wanted, probes that went well are left out and long texts are fitted to a line.
 */
final class Log {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

  private final boolean everything;
  private final int width;
  private final boolean running;
  private final Set<Object> outcomes;

  /**
   * The entries of a run.
   *
   * @param everything whether each operation is told, and in full
   * @param width how much fits on a line
   */
  Log(PastRun run, boolean everything, int width) {
    this.everything = everything;
    this.width = width;
    this.running = run.outcome().equals("running");
    this.outcomes =
        run.entries().stream()
            .filter(entry -> "operation-ended".equals(entry.get("event")))
            .map(entry -> entry.get("id"))
            .collect(Collectors.toSet());
  }

  /** Whether the entry is worth a line; a change without an outcome always is. */
  boolean tells(Map<String, Object> entry) {
    return switch (String.valueOf(entry.get("event"))) {
      case "operation-started" ->
          isChange(entry) && (everything || !outcomes.contains(entry.get("id")));
      case "operation-ended" -> everything || isChange(entry) || isFailed(entry);
      case "locked", "unlocked", "undoable", "always", "remembered", "used" -> everything;
      case "step-ended" -> everything || isFailed(entry) || entry.get("value") != null;
      default -> true;
    };
  }

  String line(Map<String, Object> entry) {
    String at = CLOCK.format(Instant.parse(String.valueOf(entry.get("at"))));
    return at + "  " + text(entry);
  }

  private String text(Map<String, Object> entry) {
    return switch (String.valueOf(entry.get("event"))) {
      case "started" ->
          "%s %s of %s %s by %s on %s, parameters %s"
              .formatted(
                  String.valueOf(entry.get("kind")).replace('_', ' '),
                  entry.get("run"),
                  entry.get("runbook"),
                  entry.get("target"),
                  entry.get("user"),
                  entry.get("host"),
                  entry.get("parameters"));
      case "step-started" -> "> " + entry.get("step");
      case "step-ended" -> {
        String start = "%s %s %s ".formatted(mark(entry), entry.get("step"), seconds(entry));
        Object value = entry.get("value");
        yield start + (value == null ? "" : fitted("-> " + value, start.length())) + error(entry);
      }
      case "step-reused" -> "= " + entry.get("step") + "  reused: " + entry.get("why");
      case "undoable" -> "from here on can be undone: " + entry.get("undo");
      case "always" -> "will be done in the end, in any case: " + entry.get("what");
      case "remembered" -> fitted("known for the run: " + entry.get("key"), 0);
      case "used" -> fitted("uses " + entry.get("parts"), 0);
      case "operation-started" -> operation(entry, "will", outcome(entry));
      case "operation-ended" ->
          isDescribed(entry)
              ? operation(entry, "would", "")
              : operation(entry, mark(entry) + "   ", "  " + seconds(entry) + figures(entry))
                  + error(entry);
      case "said" -> entry.get("level") + ": " + entry.get("text");
      case "would" -> "would " + entry.get("text");
      case "wrote" -> entry.get("node") + "| " + Margin.clean(String.valueOf(entry.get("line")));
      case "forecast" ->
          ((List<?>) entry.get("changes")).size()
              + " changes would be made; not to be foreseen: "
              + entry.get("unforeseen");
      case "tabled" -> table(entry);
      case "measured" ->
          entry.get("name") + ": " + Legible.figure(entry.get("value"), entry.get("type"));
      case "confirmed" ->
          (Boolean.TRUE.equals(entry.get("agreed")) ? "agreed" : "not agreed")
              + " ("
              + entry.get("how")
              + "): "
              + entry.get("question");
      case "ended" ->
          entry.get("exit") + " (" + entry.get("code") + ") " + seconds(entry) + error(entry);
      default -> entry.get("event") + " " + entry.getOrDefault("lock", "");
    };
  }

  private String operation(Map<String, Object> entry, String head, String tail) {
    Map<?, ?> operation = (Map<?, ?>) entry.get("operation");
    String start =
        "    %s %-5s %-10s ".formatted(head, operation.get("wire"), operation.get("node"));
    return start
        + fitted(String.valueOf(operation.get("text")), start.length() + tail.length())
        + tail;
  }

  private String outcome(Map<String, Object> entry) {
    if (outcomes.contains(entry.get("id"))) {
      return "";
    }
    return running ? "  which is going on" : "  and nobody knows whether it was done";
  }

  /** On one line; shortened unless all is wanted, to what the rest of the line leaves. */
  private String fitted(String text, int taken) {
    int room = width - "HH:mm:ss.SSS  ".length() - taken;
    return Style.fit(text, everything ? Integer.MAX_VALUE : Math.max(20, room));
  }

  private static boolean isChange(Map<String, Object> entry) {
    return Boolean.TRUE.equals(((Map<?, ?>) entry.get("operation")).get("change"));
  }

  private static boolean isFailed(Map<String, Object> entry) {
    return "failed".equals(entry.get("outcome"));
  }

  private static String mark(Map<String, Object> entry) {
    return isFailed(entry) ? "x" : "unforeseen".equals(entry.get("outcome")) ? "?" : "+";
  }

  private static boolean isDescribed(Map<String, Object> entry) {
    return "described".equals(entry.get("outcome"));
  }

  private static String seconds(Map<String, Object> entry) {
    return entry.get("took") instanceof Number took ? "%.3f s".formatted(took.doubleValue()) : "";
  }

  private static String error(Map<String, Object> entry) {
    return entry.get("error") == null ? "" : "  error: " + entry.get("error");
  }

  private String figures(Map<String, Object> entry) {
    return ((Map<?, ?>) entry.get("result"))
        .entrySet().stream()
            .filter(figure -> everything || !figure.getKey().equals("sha256"))
            .map(
                figure ->
                    figure.getKey().equals("bytes")
                        ? ", " + new DataSize(((Number) figure.getValue()).longValue())
                        : ", " + figure.getKey() + " " + figure.getValue())
            .collect(Collectors.joining());
  }

  private static String table(Map<String, Object> entry) {
    @SuppressWarnings("unchecked")
    var rows =
        TextTable.shown(
            (List<String>) entry.get("columns"), (List<List<Object>>) entry.get("rows"));
    return String.join("\n              ", rows);
  }
}
