package org.pgrunbook.replication;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgrunbook.Sha256;

/**
 * A PgBouncer's configuration file, of which only the addresses in {@code [databases]} are read and
 * changed; comments and layout stay.
 *
 * @param text all of it
 * @see <a href="https://www.pgbouncer.org/config.html#section-databases">Section [databases]</a>
 */
record PgBouncerIni(String text) {
  private static final Pattern LINES = Pattern.compile("(?<=\n)");
  private static final Pattern SECTION = Pattern.compile("\\s*\\[(?<name>[^]]*)]\\s*");

  /** A name, or one in double quotes, with the connection string behind it. */
  private static final Pattern DATABASE =
      Pattern.compile("\\s*(?<name>\"(?:[^\"]|\"\")*\"|[^\\s=;#]+)\\s*=(?<conninfo>.*)");

  private static final Pattern PARAMETER =
      Pattern.compile("(?<=^|\\s)(?<keyword>\\w+)\\s*=\\s*(?<value>'(?:[^']|'')*'|[^\\s']+)");

  private static final String DEFAULT_PORT = "5432";

  /** A file of any encoding: what is changed in it is ASCII. */
  static PgBouncerIni of(byte[] file) {
    return new PgBouncerIni(new String(file, StandardCharsets.ISO_8859_1));
  }

  byte[] bytes() {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The databases that are at an address, by the names that the file gives them. */
  List<String> databasesAt(String host, int port) {
    List<String> names = new ArrayList<>();
    eachDatabase(
        (name, conninfo) -> {
          if (isAt(conninfo, host, port)) {
            names.add(name);
          }
          return conninfo;
        });
    return names;
  }

  /** The file with all that is at one address moved to another. */
  PgBouncerIni redirected(String host, int port, String newHost, int newPort) {
    return new PgBouncerIni(
        eachDatabase(
            (name, conninfo) ->
                isAt(conninfo, host, port) ? moved(conninfo, newHost, newPort) : conninfo));
  }

  /** What {@code sha256sum} says of it. */
  String sha256() {
    return Sha256.of(bytes());
  }

  /** The passwords that it holds: whoever reads the file registers them as secrets. */
  List<String> passwords() {
    List<String> found = new ArrayList<>();
    eachDatabase(
        (name, conninfo) -> {
          parameter(conninfo, "password").ifPresent(found::add);
          return conninfo;
        });
    return found;
  }

  /** What becomes of the connection string of a database. */
  @FunctionalInterface
  private interface Change {
    String of(String name, String conninfo);
  }

  private String eachDatabase(Change change) {
    StringBuilder result = new StringBuilder();
    boolean databases = false;
    for (String line : LINES.splitAsStream(text).toList()) {
      String content = line.stripTrailing();
      Matcher section = SECTION.matcher(content);
      Matcher database = DATABASE.matcher(content);
      if (section.matches()) {
        databases = section.group("name").strip().toLowerCase(Locale.ROOT).equals("databases");
      } else if (databases && !isComment(content) && database.matches()) {
        int start = database.start("conninfo");
        String conninfo = change.of(unquoted(database.group("name")), database.group("conninfo"));
        result.append(content, 0, start).append(conninfo);
        result.append(line.substring(content.length()));
        continue;
      }
      result.append(line);
    }
    return result.toString();
  }

  private static boolean isComment(String line) {
    String start = line.strip();
    return start.startsWith(";") || start.startsWith("#");
  }

  private static boolean isAt(String conninfo, String host, int port) {
    return parameter(conninfo, "host").filter(host::equals).isPresent()
        && parameter(conninfo, "port").orElse(DEFAULT_PORT).equals(String.valueOf(port));
  }

  private static Optional<String> parameter(String conninfo, String keyword) {
    return PARAMETER
        .matcher(conninfo)
        .results()
        .filter(match -> match.group(1).equals(keyword))
        .map(match -> value(match.group(2)))
        .findFirst();
  }

  private static String moved(String conninfo, String host, int port) {
    String there = replaced(conninfo, "host", host);
    return parameter(there, "port").isPresent()
        ? replaced(there, "port", String.valueOf(port))
        : port == 5432 ? there : there.stripTrailing() + " port=" + port;
  }

  private static String replaced(String conninfo, String keyword, String value) {
    return PARAMETER
        .matcher(conninfo)
        .replaceAll(
            match ->
                Matcher.quoteReplacement(
                    match.group(1).equals(keyword) ? keyword + "=" + value : match.group()));
  }

  private static String value(String written) {
    return written.startsWith("'")
        ? written.substring(1, written.length() - 1).replace("''", "'")
        : written;
  }

  private static String unquoted(String name) {
    return name.startsWith("\"")
        ? name.substring(1, name.length() - 1).replace("\"\"", "\"")
        : name;
  }
}
