package org.pgrunbook.diagnosis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file of a {@link Question}: a comment, then one text for PostgreSQL 15 to 18, or, after
 * {@code -- from 17}, another one from that version on.
 *
 * @param meaning what the answer means, as sentences
 * @param unit the unit of its figures
 * @param needs the predefined role without which the answer would be wrong; empty if anybody may
 *     ask
 * @param page the address of the page of PostgreSQL's documentation that it rests on
 * @param texts the text by the first major version that it is for
 */
record QuestionFile(
    String meaning, String unit, String needs, String page, NavigableMap<Integer, String> texts) {
  static final int OLDEST = 15;
  private static final String NOTHING = "nothing";
  private static final String DOCUMENTATION = "https://www.postgresql.org/docs/current/";
  private static final Pattern FIELD = Pattern.compile("-- (unit|needs|see): (.*)");
  private static final Pattern FROM = Pattern.compile("-- from (\\d+)");

  static QuestionFile read(String name) {
    try (InputStream content = QuestionFile.class.getResourceAsStream(name)) {
      return parse(new String(content.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static QuestionFile parse(String source) {
    StringBuilder meaning = new StringBuilder();
    TreeMap<String, String> fields = new TreeMap<>();
    TreeMap<Integer, String> texts = new TreeMap<>();
    int from = OLDEST;
    for (String line : source.lines().toList()) {
      Matcher field = FIELD.matcher(line);
      Matcher version = FROM.matcher(line);
      if (field.matches()) {
        fields.put(field.group(1), field.group(2));
      } else if (version.matches()) {
        from = Integer.parseInt(version.group(1));
      } else if (line.startsWith("-- ")) {
        meaning.append(meaning.isEmpty() ? "" : " ").append(line.substring(3));
      } else {
        texts.merge(from, line, (text, next) -> text + "\n" + next);
      }
    }
    String needs = fields.getOrDefault("needs", "");
    return new QuestionFile(
        meaning.toString(),
        fields.getOrDefault("unit", ""),
        needs.equals(NOTHING) ? "" : needs,
        DOCUMENTATION + fields.getOrDefault("see", ""),
        texts);
  }

  String text(int major) {
    return texts.floorEntry(Math.max(major, OLDEST)).getValue();
  }
}
