package org.pgrunbook.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.pgrunbook.Durations;
import org.pgrunbook.journal.Legible;

/** A report as Markdown, to be put into the post-mortem that a person writes around it. */
public final class Markdown {
  private static final Pattern SPECIAL = Pattern.compile("[\\\\`*_\\[\\]<>|#~$]");
  private static final Pattern TICKS = Pattern.compile("`+");
  private static final int LINES = 600;
  private static final int TEXT = 120;

  private final StringBuilder out = new StringBuilder();
  private final Account account;

  private Markdown(Account account) {
    this.account = account;
  }

  /** The report of a run. */
  public static String of(Account account) {
    return new Markdown(account).report();
  }

  private String report() {
    line("# " + text(Words.title(account)) + ": " + Words.outcome(account));
    line("");
    line(text(Words.summary(account)));
    line("");
    line("| | |");
    line("|---|---|");
    Words.facts(account).forEach((name, value) -> line("| " + name + " | " + text(value) + " |"));
    line("");
    Words.chain(account).forEach(run -> line("- " + text(run)));
    failure();
    timeline();
    told();
    changes();
    List<String> ends = Words.openEnds(account);
    if (!ends.isEmpty()) {
      heading("Open ends");
      ends.forEach(end -> line("- " + text(end)));
    }
    return out.toString().replaceAll("\n{3,}", "\n\n").stripTrailing() + "\n";
  }

  private void failure() {
    if (account.ended().isEmpty() || account.isDone()) {
      return;
    }
    heading("What went wrong");
    account.ended("error").ifPresent(error -> line("**" + text(Words.whole(error)) + "**"));
    account.ended("where").ifPresent(where -> line("\nAt " + text(where) + "."));
    account
        .ended("state")
        .ifPresent(state -> line("\nThe state that things were left in: " + text(state) + "."));
    if (account.ended().get().get("hints") instanceof List<?> hints && !hints.isEmpty()) {
      line("\nWhat was said to try next:\n");
      hints.forEach(hint -> line("- " + text(hint.toString())));
    }
  }

  /** A line of the timeline. */
  private record Line(Instant at, String where, String what, String took, String outcome) {}

  private void timeline() {
    List<Line> lines = new ArrayList<>();
    account
        .steps()
        .forEach(
            step ->
                lines.add(
                    new Line(
                        step.start(),
                        "",
                        "**" + text(Words.line(step.path(), 2 * TEXT)) + "**",
                        step.outcome() == Outcome.REUSED ? "" : Durations.show(step.took()),
                        came(step.outcome(), step.said()))));
    account
        .deeds()
        .filter(deed -> deed.change() || deed.outcome().standsOut())
        .forEach(
            deed ->
                lines.add(
                    new Line(
                        deed.start(),
                        deed.node(),
                        deed.wire() + " " + code(Words.line(deed.text(), TEXT)),
                        deed.outcome() == Outcome.DESCRIBED ? "" : Durations.show(deed.took()),
                        came(deed.outcome(), deed.error()))));
    Gap.of(account)
        .forEach(gap -> lines.add(new Line(gap.start(), "", "*" + gap.words() + "*", "", "")));
    account.told().stream()
        .filter(
            one ->
                one.kind() == Told.Kind.WARNING
                    || one.kind() == Told.Kind.ANSWER
                    || one.kind() == Told.Kind.POINT_OF_NO_RETURN)
        .forEach(one -> lines.add(new Line(one.at(), "", said(one), "", "")));
    lines.sort(Comparator.comparing(Line::at));
    Fold<Line> fold = Fold.of(lines, LINES, one -> one.outcome().startsWith("**"));
    heading("Timeline (UTC)");
    line("| Time | Node | What | Took | Outcome |");
    line("|---|---|---|---:|---|");
    fold.shown()
        .forEach(
            one ->
                line(
                    "| %s | %s | %s | %s | %s |"
                        .formatted(
                            Words.clock(one.at()),
                            text(one.where()),
                            one.what(),
                            one.took(),
                            one.outcome())));
    left(fold.left(), "line");
  }

  private static String came(Outcome outcome, String said) {
    String words = outcome.standsOut() ? "**" + outcome.words() + "**" : outcome.words();
    return words + (said.isEmpty() ? "" : ": " + text(Words.line(said, 2 * TEXT)));
  }

  private static String said(Told one) {
    String text = text(Words.whole(one.text()));
    return switch (one.kind()) {
      case WARNING -> "**warning:** " + text;
      case POINT_OF_NO_RETURN -> "**" + text + "**";
      default -> text;
    };
  }

  private void told() {
    if (account.told().isEmpty()) {
      return;
    }
    heading("What it told");
    Fold<Told> fold = Fold.of(account.told(), Page.TOLD, one -> one.kind() == Told.Kind.WARNING);
    for (Told one : fold.shown()) {
      String in = one.step().isEmpty() ? "" : " *" + text(one.step()) + "*";
      if (one.kind() == Told.Kind.TABLE) {
        line("\n" + Words.clock(one.at()) + in + "\n");
        table(one.columns(), one.rows());
        line("");
      } else {
        line("- " + Words.clock(one.at()) + in + " " + said(one));
      }
    }
    left(fold.left(), "remark");
  }

  private void table(List<String> columns, List<List<Object>> rows) {
    if (Tables.isDownwards(columns, rows)) {
      line("| | |");
      line("|---|---|");
      for (int i = 0; i < columns.size(); i++) {
        line("| " + words(columns.get(i)) + " | " + cell(rows.getFirst().get(i)) + " |");
      }
      return;
    }
    line(columns.stream().map(Markdown::words).collect(Collectors.joining(" | ", "| ", " |")));
    line("|---".repeat(columns.size()) + "|");
    rows.stream()
        .limit(Tables.ROWS)
        .forEach(
            row ->
                line(
                    row.stream()
                        .map(Markdown::cell)
                        .collect(Collectors.joining(" | ", "| ", " |"))));
    left(rows.size() - Tables.ROWS, "row");
  }

  private void changes() {
    heading(account.isDry() ? "What a real run would change" : "What changed");
    List<Deed> changes = account.changes();
    if (account.isDry() || changes.isEmpty()) {
      line(
          "Nothing was changed"
              + (changes.isEmpty() ? "." : ": each of these was only described."));
    }
    Fold<Deed> fold = Fold.of(changes, Page.CHANGES, deed -> deed.outcome().standsOut());
    int number = 0;
    for (Deed deed : fold.shown()) {
      boolean described = deed.outcome() == Outcome.DESCRIBED;
      line(
          "\n%d. %s %s %s%s: %s%s"
              .formatted(
                  ++number,
                  Words.clock(deed.start()),
                  text(deed.node()),
                  deed.wire(),
                  deed.step().isEmpty() ? "" : ", in step *" + text(deed.step()) + "*",
                  came(deed.outcome(), deed.error()),
                  described ? "" : ", " + Durations.show(deed.took())));
      fenced(Words.whole(deed.text()));
    }
    left(fold.left(), "change");
  }

  /** A fence that is longer than any in the text. */
  private void fenced(String text) {
    String fence = "`".repeat(Math.max(3, longest(text) + 1));
    line("\n   " + fence);
    text.lines().forEach(line -> line("   " + line));
    line("   " + fence);
  }

  private void left(int left, String what) {
    if (left > 0) {
      line(
          "\n"
              + Words.count(left, "more " + what)
              + " not shown; see `pgrunbook log -v "
              + account.run().id()
              + "`.");
    }
  }

  private void heading(String text) {
    line("\n## " + text + "\n");
  }

  private void line(String line) {
    out.append(line).append('\n');
  }

  private static String words(String column) {
    return text(Legible.words(column));
  }

  private static String cell(Object value) {
    return text(Tables.cell(value));
  }

  /** On one line, and meaning nothing to Markdown. */
  private static String text(String text) {
    return SPECIAL
        .matcher(text.strip())
        .replaceAll(found -> Matcher.quoteReplacement("\\" + found.group()))
        .replaceAll("\\R", "<br>");
  }

  /** As code on one line, also in a cell of a table. */
  private static String code(String text) {
    String ticks = "`".repeat(longest(text) + 1);
    String blank = text.startsWith("`") || text.endsWith("`") ? " " : "";
    return ticks + blank + text.replace("|", "\\|") + blank + ticks;
  }

  private static int longest(String text) {
    return TICKS.matcher(text).results().mapToInt(found -> found.group().length()).max().orElse(0);
  }
}
