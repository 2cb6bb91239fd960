package org.pgrunbook.testing;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Event.Outcome;
import org.pgrunbook.journal.Event.Said.Level;
import org.pgrunbook.journal.Operation;
import org.pgrunbook.runbook.Engine;

/** How a run under test ended, and what its journal says of it. */
public final class TestRun {
  private final Engine.Result result;
  private final List<Event> events;

  TestRun(Engine.Result result, List<Event> events) {
    this.result = result;
    this.events = List.copyOf(events);
  }

  /** How it ended: {@code Exit.DONE}, {@code Exit.REFUSED}. */
  public Exit getExit() {
    return result.exit();
  }

  /** Why it ended, with what to try next; absent if it is done. */
  public Optional<Problem> getProblem() {
    return result.problem();
  }

  /** All that was journalled, in order. */
  public List<Event> getEvents() {
    return events;
  }

  /** Why it ended, as the first line of its error says it; empty if it is done. */
  public String getError() {
    return result.problem().map(Problem::fact).orElse("");
  }

  /** The paths of the steps that were begun, in order. */
  public List<String> getSteps() {
    return of(Event.StepStarted.class).map(Event.StepStarted::step).toList();
  }

  /**
   * What a step returned.
   *
   * @throws IllegalArgumentException if no step of that path was done
   */
  public Object value(String step) {
    return of(Event.StepEnded.class)
        .filter(ended -> ended.step().equals(step) && ended.outcome() == Outcome.DONE)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("step \"" + step + "\" was not done"))
        .value();
  }

  /** What was remarked by {@code note}, in order. */
  public List<String> getNotes() {
    return said(Level.NOTE);
  }

  /** What was warned of, in order. */
  public List<String> getWarnings() {
    return said(Level.WARNING);
  }

  private List<String> said(Level level) {
    return of(Event.Said.class)
        .filter(said -> said.level() == level)
        .map(Event.Said::text)
        .toList();
  }

  /**
   * What was changed, in order, failed attempts too: {@code sql demo/pg2 update …}. Of a dry run:
   * what would be.
   */
  public List<String> getChanges() {
    return operations(true);
  }

  /** What was asked, in order: {@code ssh demo/pg2 df -P}. */
  public List<String> getProbes() {
    return operations(false);
  }

  private List<String> operations(boolean changes) {
    return of(Event.OperationEnded.class)
        .map(Event.OperationEnded::operation)
        .filter(operation -> operation.change() == changes)
        .map(TestRun::inWords)
        .toList();
  }

  static String inWords(Operation operation) {
    String wire = operation.wire().name().toLowerCase(java.util.Locale.ROOT);
    return wire + " " + operation.node() + " " + operation.text();
  }

  /** What a dry run says beside changes: {@code ask, unless --yes was given: …}. */
  public List<String> getForecast() {
    return of(Event.Would.class).map(Event.Would::text).toList();
  }

  /** What a dry run could not foresee, each with its reason. */
  public List<String> getUnforeseen() {
    return of(Event.Forecast.class).flatMap(seen -> seen.unforeseen().stream()).toList();
  }

  /** The figures that were measured, by their names. */
  public Map<String, Object> getMeasures() {
    Map<String, Object> result = new LinkedHashMap<>();
    of(Event.Measured.class).forEach(one -> result.put(one.name(), one.value()));
    return result;
  }

  /** The tables that were shown, each with its columns and rows. */
  public List<Event.Tabled> getTables() {
    return of(Event.Tabled.class).toList();
  }

  private <T extends Event> Stream<T> of(Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast);
  }
}
