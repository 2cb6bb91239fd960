package org.pgrunbook.report;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.pgrunbook.Durations;
import org.pgrunbook.journal.PastRun;

/** What every form of a report says in the same words. */
final class Words {
  /** How much of one statement, remark or value is shown. */
  static final int TEXT = 4_000;

  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

  private Words() {}

  static String day(Instant at) {
    return DAY.format(at);
  }

  static String clock(Instant at) {
    return CLOCK.format(at);
  }

  /** {@code replication/failover demo}. */
  static String title(Account account) {
    return (account.start("runbook") + " " + account.start("target")).strip();
  }

  /** {@code done}, {@code failed}, {@code still running} …. */
  static String outcome(Account account) {
    if (account.isRunning()) {
      return "still running";
    }
    if (account.isDry() && account.isDone()) {
      return "dry run done";
    }
    return account.outcome().replace('_', ' ');
  }

  /** What it came to, in two or three sentences. */
  static String summary(Account account) {
    return came(account) + " " + counted(account) + missing(account);
  }

  private static String came(Account account) {
    String took = Durations.show(account.took());
    if (account.isRunning()) {
      return "It is still running, for " + took + " so far.";
    }
    if (account.isCutOff()) {
      return "It was interrupted: its process ended without a word, the last that is known of it"
          + " was "
          + took
          + " after its begin.";
    }
    return account.isDone()
        ? "It was done in " + took + "."
        : "It ended after " + took + ": " + outcome(account) + ".";
  }

  private static String counted(Account account) {
    List<Deed> changes = account.changes();
    String where =
        changes.stream().map(Deed::node).distinct().sorted().collect(Collectors.joining(", "));
    String counts =
        count(account.steps().size(), "step")
            + ", "
            + count((int) account.deeds().count(), "operation");
    if (account.isDry()) {
      return counts
          + ". Nothing was changed: it was a dry run, which only says what it would do"
          + (changes.isEmpty()
              ? "."
              : ": " + count(changes.size(), "change") + " on " + where + ".");
    }
    return changes.isEmpty()
        ? counts + ". Nothing was changed."
        : counts + ", of which " + count(changes.size(), "change") + " on " + where + ".";
  }

  private static String missing(Account account) {
    return account.run().event("started").isEmpty()
        ? " Its journal does not even say what it was."
        : "";
  }

  /** {@code 1 step}, {@code 2 steps}. */
  static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  /** What is known of it, by name. */
  static Map<String, String> facts(Account account) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Run", account.run().id() + " (" + account.run().kind() + ")");
    facts.put("By", account.start("user") + " on " + account.start("host"));
    facts.put("Began", day(account.start()));
    facts.put(
        account.isRunning() ? "As of" : account.isCutOff() ? "Last heard of" : "Ended",
        day(account.end()));
    facts.put("Took", Durations.show(account.took()));
    account.ended("code").ifPresent(code -> facts.put("Exit status", code));
    if (account.started("arguments") instanceof List<?> words) {
      facts.put(
          "Command",
          "pgrunbook " + words.stream().map(Object::toString).collect(Collectors.joining(" ")));
    }
    if (account.started("parameters") instanceof Map<?, ?> given && !given.isEmpty()) {
      facts.put(
          "Parameters",
          given.entrySet().stream().map(Object::toString).collect(Collectors.joining(", ")));
    }
    String revision = account.start("revision");
    String digest = account.start("runbookDigest");
    facts.put(
        "Runbook",
        (revision.isEmpty() ? "" : "revision " + revision + ", ")
            + "SHA-256 "
            + digest.substring(0, Math.min(16, digest.length())));
    facts.put("pgrunbook", account.start("version"));
    facts.values().removeIf(String::isBlank);
    return facts;
  }

  /** The runs before and after it, each as a sentence. */
  static List<String> chain(Account account) {
    List<String> chain = new ArrayList<>();
    boolean undo = account.run().kind().equals("undo");
    account
        .run()
        .continues()
        .ifPresent(
            id -> chain.add((undo ? "It takes back run " : "It goes on from run ") + id + "."));
    account.before().forEach(run -> chain.add(one(run) + "."));
    account
        .after()
        .forEach(
            run ->
                chain.add(
                    (run.kind().equals("undo") ? "It was taken back by run " : "It went on as run ")
                        + run.id()
                        + ", "
                        + run.outcome().replace('_', ' ')
                        + "."));
    return chain;
  }

  private static String one(PastRun run) {
    return "Run "
        + run.id()
        + " ("
        + run.kind()
        + ") ended: "
        + run.outcome().replace('_', ' ')
        + run.event("ended").map(end -> end.get("error")).map(error -> ": " + error).orElse("");
  }

  /** What is left to look at, each as a sentence. */
  static List<String> openEnds(Account account) {
    List<String> ends = new ArrayList<>();
    account
        .changes()
        .forEach(
            change -> {
              if (change.outcome() == Outcome.OPEN) {
                ends.add("Nobody knows whether this was done: " + where(change));
              } else if (change.outcome() == Outcome.GOING_ON) {
                ends.add("This is going on: " + where(change));
              }
            });
    account.steps().stream()
        .filter(step -> step.outcome() == Outcome.OPEN)
        .forEach(step -> ends.add("Step \"" + step.path() + "\" began and did not end."));
    account.steps().stream()
        .filter(step -> step.path().startsWith("undo: ") && step.outcome() == Outcome.FAILED)
        .forEach(
            step -> ends.add("It could not be taken back: " + step.name() + ": " + step.said()));
    if (account.isCutOff()) {
      account.locks().forEach(lock -> ends.add("Lock " + lock + " was not given back."));
    }
    account.unforeseen().forEach(what -> ends.add("Not to be foreseen: " + what));
    if (account.isCutOff() && account.after().isEmpty() && !account.isDry()) {
      ends.add("To go on from here: pgrunbook resume " + account.run().id() + ".");
      if (!account.standing().isEmpty()) {
        ends.add(
            "To take it back: pgrunbook undo "
                + account.run().id()
                + " ("
                + String.join("; ", account.standing().reversed())
                + ").");
      }
    }
    return ends;
  }

  private static String where(Deed change) {
    return change.wire() + " " + change.node() + " " + line(change.text(), 200);
  }

  /** On one line of at most so many characters. */
  static String line(String text, int width) {
    String line = text.strip().replaceAll("\\s+", " ");
    return line.length() <= width ? line : line.substring(0, width - 1) + "…";
  }

  /** The whole text, unless nobody would read it to its end. */
  static String whole(String text) {
    return text.length() <= TEXT
        ? text
        : text.substring(0, TEXT) + "… (" + (text.length() - TEXT) + " more characters)";
  }
}
