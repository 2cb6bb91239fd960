package org.pgrunbook.sql;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgrunbook.Problem;

/**
 * What a probe may say. It runs in a read-only transaction, but that lets through CHECKPOINT, COPY
 * TO PROGRAM, NOTIFY, DO, a second statement after a COMMIT, and the {@link ChangingFunctions}.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-set-transaction.html">SET
 *     TRANSACTION</a>
 */
public final class ReadOnly {
  private static final Set<String> QUERIES =
      Set.of("select", "with", "values", "table", "show", "explain");

  private static final Pattern FIRST_WORD = Pattern.compile("^[\\s(]*([a-z]+)");
  private static final Pattern SECOND_STATEMENT = Pattern.compile(";\\s*[^\\s;]");

  private ReadOnly() {}

  /** Why the statement is no probe, as a fact; empty if it is one as far as its text tells. */
  public static Optional<String> violation(String sql) {
    String code = SqlText.code(sql).toLowerCase(Locale.ROOT);
    Matcher first = FIRST_WORD.matcher(code);
    if (!first.find()) {
      return Optional.of("a probe is empty");
    }
    if (!QUERIES.contains(first.group(1))) {
      return Optional.of(
          "a probe begins with " + first.group(1).toUpperCase(Locale.ROOT) + ", which is no query");
    }
    if (SECOND_STATEMENT.matcher(code).find()) {
      return Optional.of("a probe has more than one statement");
    }
    return ChangingFunctions.in(sql)
        .map(name -> "a probe calls " + name + "(), which changes something");
  }

  static void require(String sql) {
    violation(sql)
        .ifPresent(
            fact -> {
              throw Problem.usage(fact)
                  .hint("A probe changes nothing; use sql.execute for a change.");
            });
  }
}
