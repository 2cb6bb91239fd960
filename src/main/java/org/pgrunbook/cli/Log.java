package org.pgrunbook.cli;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.pgrunbook.DataSize;

/**
 * Says an entry of a journal in one line for a person: local time with milliseconds, then what
 * happened.
 */
final class Log {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

  private Log() {}

  static String line(Map<String, Object> entry) {
    String at = CLOCK.format(Instant.parse(String.valueOf(entry.get("at"))));
    return at + "  " + text(entry);
  }

  private static String text(Map<String, Object> entry) {
    return switch (String.valueOf(entry.get("event"))) {
      case "started" ->
          "%s %s of %s %s by %s on %s, parameters %s"
              .formatted(
                  Boolean.TRUE.equals(entry.get("dry")) ? "dry run" : "run",
                  entry.get("run"),
                  entry.get("runbook"),
                  entry.get("target"),
                  entry.get("user"),
                  entry.get("host"),
                  entry.get("parameters"));
      case "step-started" -> "> " + entry.get("step");
      case "step-ended" ->
          "%s %s %s %s%s"
              .formatted(
                  mark(entry),
                  entry.get("step"),
                  seconds(entry),
                  entry.get("value") == null ? "" : "-> " + entry.get("value"),
                  error(entry));
      case "operation-started" -> operation(entry, "will");
      case "operation-ended" ->
          operation(entry, "described".equals(entry.get("outcome")) ? "would" : mark(entry) + "   ")
              + "  "
              + seconds(entry)
              + figures(entry)
              + error(entry);
      case "said" -> entry.get("level") + ": " + entry.get("text");
      case "would" -> "would " + entry.get("text");
      case "forecast" ->
          ((List<?>) entry.get("changes")).size()
              + " changes would be made; not to be foreseen: "
              + entry.get("unforeseen");
      case "tabled" -> table(entry);
      case "measured" -> entry.get("name") + ": " + entry.get("value");
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

  private static String operation(Map<String, Object> entry, String head) {
    Map<?, ?> operation = (Map<?, ?>) entry.get("operation");
    return "    %s %-5s %-10s %s"
        .formatted(
            head, operation.get("wire"), operation.get("node"), oneLine(operation.get("text")));
  }

  /**
   * Whether it only announces a probe, whose outcome follows; the intent of a change is worth a
   * line.
   */
  static boolean isNoise(Map<String, Object> entry) {
    return "operation-started".equals(entry.get("event"))
        && !Boolean.TRUE.equals(((Map<?, ?>) entry.get("operation")).get("change"));
  }

  private static String oneLine(Object text) {
    return String.valueOf(text).strip().replaceAll("\\s+", " ");
  }

  private static String mark(Map<String, Object> entry) {
    return switch (String.valueOf(entry.get("outcome"))) {
      case "failed" -> "x";
      case "unforeseen" -> "?";
      default -> "+";
    };
  }

  private static String seconds(Map<String, Object> entry) {
    return entry.get("took") instanceof Number took ? "%.3f s".formatted(took.doubleValue()) : "";
  }

  private static String error(Map<String, Object> entry) {
    return entry.get("error") == null ? "" : "  error: " + entry.get("error");
  }

  private static String figures(Map<String, Object> entry) {
    return ((Map<?, ?>) entry.get("result"))
        .entrySet().stream()
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
