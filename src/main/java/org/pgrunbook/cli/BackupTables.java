package org.pgrunbook.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgrunbook.DataSize;
import org.pgrunbook.Durations;
import org.pgrunbook.backup.Recoverability;
import org.pgrunbook.backup.Rehearsal;

/** What {@code backups} shows to a person: a table for each question, if there is an answer. */
final class BackupTables {
  private final Instant now;
  private final List<Backup> backups = new ArrayList<>();
  private final List<Unfinished> unfinished = new ArrayList<>();
  private final List<Stretch> windows = new ArrayList<>();
  private final List<Missing> gaps = new ArrayList<>();
  private final List<Rehearsed> rehearsals = new ArrayList<>();
  private final List<String> never = new ArrayList<>();
  private final List<String> newest = new ArrayList<>();

  BackupTables(Instant now) {
    this.now = now;
  }

  /** A backup in the list. */
  record Backup(
      String cluster,
      String backup,
      String type,
      String node,
      Optional<Instant> ended,
      String age,
      DataSize restored,
      DataSize stored,
      String state,
      String rehearsed,
      Optional<String> held) {}

  /** What lies there of a backup that does not exist. */
  record Unfinished(
      String cluster, String backup, int objects, DataSize stored, Instant written, String age) {}

  /** A stretch of time of which every moment can be restored. */
  record Stretch(
      String cluster, int timeline, Instant from, Instant to, String length, String lastWal) {}

  /** Files of the WAL in a row that are missing. */
  record Missing(String cluster, int timeline, String first, String last, int files) {}

  /** What came of the last rehearsal of a cluster. */
  record Rehearsed(
      String cluster,
      String backup,
      Instant began,
      String age,
      String onto,
      String target,
      String rpo,
      String rto,
      String outcome) {}

  void add(String cluster, Recoverability found) {
    found.backups().forEach(backup -> backups.add(row(cluster, backup)));
    found
        .unfinished()
        .forEach(
            it ->
                unfinished.add(
                    new Unfinished(
                        cluster,
                        it.backup(),
                        it.objects(),
                        new DataSize(it.storedBytes()),
                        it.written(),
                        age(it.written()))));
    found
        .windows()
        .forEach(
            it ->
                windows.add(
                    new Stretch(
                        cluster,
                        it.timeline(),
                        it.from(),
                        it.to(),
                        Durations.show(Duration.between(it.from(), it.to())),
                        it.lastWal())));
    found
        .gaps()
        .forEach(
            it -> gaps.add(new Missing(cluster, it.timeline(), it.first(), it.last(), it.files())));
    found.rehearsed().ifPresent(it -> rehearsals.add(row(cluster, it)));
    if (!found.backups().isEmpty() && found.rehearsed().isEmpty()) {
      never.add(cluster + "  never; do it: pgrunbook run restore/rehearse " + cluster);
    }
  }

  void add(BackupsCommand.Reach reach) {
    newest.add(
        reach
            .to()
            .map(
                to ->
                    "%s  %s, %s ago, on timeline %d"
                        .formatted(
                            reach.cluster(),
                            to,
                            Durations.show(reach.age().orElseThrow()),
                            reach.timeline().orElseThrow()))
            .orElse(reach.cluster() + "  " + reach.remark()));
  }

  private Backup row(String cluster, Recoverability.Listed backup) {
    return new Backup(
        cluster,
        backup.backup(),
        backup.type(),
        backup.node(),
        backup.ended(),
        backup.ended().map(this::age).orElse("-"),
        new DataSize(backup.restoredBytes()),
        new DataSize(backup.storedBytes()),
        backup.state(),
        backup.rehearsal().map(it -> word(it) + " " + age(it.began()) + " ago").orElse("never"),
        backup.held());
  }

  private Rehearsed row(String cluster, Rehearsal it) {
    return new Rehearsed(
        cluster,
        it.backup(),
        it.began(),
        age(it.began()),
        it.onto(),
        it.target(),
        Durations.show(it.rpo()),
        it.rto().map(Durations::show).orElse("-"),
        word(it)
            + it.reason().map(reason -> ": " + reason.lines().findFirst().orElse("")).orElse(""));
  }

  private static String word(Rehearsal rehearsal) {
    return TextTable.cell(rehearsal.outcome());
  }

  private String age(Instant then) {
    return Durations.show(Duration.between(then, now));
  }

  void print(Terminal terminal) {
    List<String> headings = new ArrayList<>();
    table(terminal, "", backups, Backup.class, headings);
    table(terminal, "never finished, or being taken", unfinished, Unfinished.class, headings);
    table(terminal, "every moment can be restored", windows, Stretch.class, headings);
    table(terminal, "WAL that is missing", gaps, Missing.class, headings);
    table(terminal, "the last rehearsal", rehearsals, Rehearsed.class, headings);
    if (rehearsals.isEmpty() && !never.isEmpty()) {
      terminal.out().println("\nthe last rehearsal");
    }
    never.forEach(terminal.out()::println);
    terminal.out().println(headings.isEmpty() ? "the newest moment" : "\nthe newest moment");
    newest.forEach(terminal.out()::println);
    terminal.out().flush();
  }

  /** Of what there is none there is no heading either. */
  private static <R extends Record> void table(
      Terminal terminal, String heading, List<R> rows, Class<R> type, List<String> before) {
    if (rows.isEmpty()) {
      return;
    }
    if (!before.isEmpty()) {
      terminal.out().println();
    }
    if (!heading.isEmpty()) {
      terminal.out().println(heading);
    }
    before.add(heading);
    terminal.rows(rows, type, false);
  }
}
