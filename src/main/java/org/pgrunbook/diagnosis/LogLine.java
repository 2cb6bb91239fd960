package org.pgrunbook.diagnosis;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgrunbook.journal.Json;

/**
 * A line of a server's log about a login that failed. Names in it are what somebody from outside
 * has sent: they are shortened, and freed of what a terminal would obey.
 *
 * @param time as the log writes it, to the second; empty if it does not
 * @param user who wanted in
 * @param host from where; {@code ?} if the log does not say
 * @param reason why not
 */
record LogLine(String time, String user, String host, String reason) {
  static final String UNKNOWN = "?";

  /** What grep looks for. */
  static final String PATTERN =
      "authentication failed for user|pg_hba\\.conf (entry|rejects)|"
          + "(role|database) \".*\" (does not exist|is not permitted to log in)";

  private static final int LONGEST = 2000;
  private static final int LONGEST_NAME = 63;
  private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d");

  private static final Map<Pattern, String> REASONS =
      Map.of(
          Pattern.compile("(\\w+) authentication failed for user \"(?<user>.*)\""),
          "authentication failed",
          Pattern.compile(
              "no pg_hba\\.conf entry for .*host \"(?<host>[^\"]*)\", user \"(?<user>[^\"]*)\".*"),
          "no entry in pg_hba.conf",
          Pattern.compile(
              "pg_hba\\.conf rejects .*host \"(?<host>[^\"]*)\", user \"(?<user>[^\"]*)\".*"),
          "rejected by pg_hba.conf",
          Pattern.compile("role \"(?<user>.*)\" does not exist"),
          "no such role",
          Pattern.compile("role \"(?<user>.*)\" is not permitted to log in"),
          "role without LOGIN",
          Pattern.compile("database \"(?<database>.*)\" does not exist"),
          "no such database");

  /** A line of the text log, or of the one in JSON; empty if it tells of no login. */
  static Optional<LogLine> of(String text, Prefix prefix) {
    String line = text.substring(0, Math.min(LONGEST, text.length()));
    return line.startsWith("{") ? ofJson(line) : ofText(line, prefix);
  }

  private static Optional<LogLine> ofText(String line, Prefix prefix) {
    int fatal = line.indexOf("FATAL:  ");
    if (fatal < 0) {
      return Optional.empty();
    }
    String before = line.substring(0, fatal);
    Matcher time = TIME.matcher(before);
    return of(
        time.find() ? time.group() : "",
        prefix.user(before),
        prefix.host(before),
        line.substring(fatal).replaceFirst("FATAL:  ", ""));
  }

  private static Optional<LogLine> ofJson(String line) {
    Map<String, Object> entry;
    try {
      entry = Json.object(line);
    } catch (IOException | RuntimeException e) {
      return Optional.empty(); // it was longer than we read
    }
    if (!"FATAL".equals(entry.get("error_severity"))) {
      return Optional.empty();
    }
    Matcher time = TIME.matcher(String.valueOf(entry.get("timestamp")));
    return of(
        time.find() ? time.group() : "",
        Optional.ofNullable(entry.get("user")).map(Object::toString),
        Optional.ofNullable(entry.get("remote_host")).map(Object::toString),
        String.valueOf(entry.get("message")));
  }

  private static Optional<LogLine> of(
      String time, Optional<String> user, Optional<String> host, String message) {
    for (Map.Entry<Pattern, String> reason : REASONS.entrySet()) {
      Matcher found = reason.getKey().matcher(message.strip());
      if (found.matches()) {
        List<String> groups = List.copyOf(reason.getKey().namedGroups().keySet());
        return Optional.of(
            new LogLine(
                time,
                clean(groups.contains("user") ? found.group("user") : user.orElse(UNKNOWN)),
                clean(groups.contains("host") ? found.group("host") : host.orElse(UNKNOWN)),
                reason.getValue()));
      }
    }
    return Optional.empty();
  }

  private static String clean(String name) {
    String shown = name.replaceAll("[\\p{Cntrl}\\p{Cf}]", "?");
    return shown.length() <= LONGEST_NAME ? shown : shown.substring(0, LONGEST_NAME) + "…";
  }

  /**
   * What stands before each message: the server's log_line_prefix.
   *
   * @param form as a pattern, with the groups user and host if the prefix has them
   */
  record Prefix(Pattern form) {
    private static final Pattern ESCAPE = Pattern.compile("%-?\\d*([a-zA-Z%])");

    static Prefix of(String prefix) {
      StringBuilder form = new StringBuilder();
      Matcher escape = ESCAPE.matcher(prefix);
      int at = 0;
      while (escape.find()) {
        form.append(Pattern.quote(prefix.substring(at, escape.start())));
        at = escape.end();
        form.append(
            switch (escape.group(1)) {
              case "%" -> "%";
              case "q" -> "";
              case "u" -> form.indexOf("(?<user>") < 0 ? "(?<user>\\S*)" : "\\S*";
              case "h" -> form.indexOf("(?<host>") < 0 ? "(?<host>[^\\s(]*)" : "\\S*";
              case "r" ->
                  form.indexOf("(?<host>") < 0 ? "(?<host>[^\\s(]*)(?:\\(\\d+\\))?" : "\\S*";
              case "m", "t", "s" -> "[0-9-]+ [0-9:.]+ \\S+";
              default -> "[^\\s,\\]]*";
            });
      }
      return new Prefix(Pattern.compile(form.append(Pattern.quote(prefix.substring(at))) + ".*"));
    }

    boolean tellsHost() {
      return form.namedGroups().containsKey("host");
    }

    Optional<String> user(String before) {
      return group(before, "user");
    }

    Optional<String> host(String before) {
      return group(before, "host");
    }

    private Optional<String> group(String before, String name) {
      Matcher found = form.matcher(before);
      return form.namedGroups().containsKey(name) && found.matches()
          ? Optional.of(found.group(name)).filter(it -> !it.isEmpty())
          : Optional.empty();
    }
  }
}
