package org.pgrunbook.runbook;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.pgrunbook.Exit;
import org.pgrunbook.journal.PastRun;

/**
 * What the journals of a run that was ended say of it: which steps it has completed, what it has
 * changed, and of which changes nobody knows whether they were made. A run that went on and was
 * ended again has several journals, the oldest first.
 */
final class Past {
  /** Why a step was not done that somebody has done without us. */
  static final String BY_HAND = "taken as done by hand";

  static final String UNDO = "undo: ";
  static final String ALWAYS = "always: ";
  private static final Set<String> REPORTS = Set.of(UNDO, ALWAYS, Aftermath.STEP);

  /**
   * A value that the journal keeps.
   *
   * @param value as JSON
   * @param type how to read it
   * @param place where in the journals it stands
   */
  record Kept(Object value, String type, int place) {
    /**
     * The same, told once more by a run that went on: what was changed since it was first told
     * depends on it as before.
     */
    Kept asOld(Kept again) {
      return new Kept(again.value, again.type, place);
    }

    /** As {@link #asOld}, unless it was asked anew and answered otherwise. */
    Kept asOldIfSame(Kept again) {
      return Objects.equals(value, again.value) ? asOld(again) : again;
    }
  }

  /** A change that was begun in a step. */
  private static final class Begun {
    final String step;
    final String text;
    final int place;
    boolean failed;

    Begun(String step, String text, int place) {
      this.step = step;
      this.text = text;
      this.place = place;
    }

    /** Its first words, and the step, by which a person knows what they are for. */
    String inWords() {
      List<String> lines = text.lines().toList();
      // A script begins with its arguments.
      String script = lines.size() > 1 && lines.getFirst().contains(" set -- ") ? lines.get(1) : "";
      String first = lines.getFirst().replaceFirst("(?<= )set -- .*$", "");
      return first + script.strip() + " (" + step + ")";
    }

    boolean isIn(String path) {
      return step.equals(path) || step.startsWith(path + "/");
    }
  }

  private final Map<String, Kept> completed = new LinkedHashMap<>();
  private final Map<String, Kept> remembered = new HashMap<>();
  private final Set<String> begun = new HashSet<>();
  private final Set<String> byHand = new HashSet<>();
  private final Set<String> undone = new HashSet<>();
  private final Set<String> undoneSteps = new HashSet<>();
  private final Set<String> failedUndos = new HashSet<>();
  private final Set<String> irreversible = new HashSet<>();
  private final Set<String> closed = new HashSet<>();
  private final Set<String> finished = new HashSet<>();
  private final List<Begun> changes = new ArrayList<>();

  /** Reversible steps by the names of their undos; null as long as the step was not begun. */
  private final Map<String, String> undoes = new LinkedHashMap<>();

  Past(List<PastRun> journals) {
    int place = 0;
    for (PastRun journal : journals) {
      Map<Object, Begun> open = new HashMap<>();
      boolean doubtful =
          journal
              .event("ended")
              .filter(end -> Integer.valueOf(Exit.UNKNOWN_STATE.code()).equals(end.get("code")))
              .isPresent();
      for (Map<String, Object> entry : journal.entries()) {
        read(entry, ++place, open, doubtful);
      }
    }
  }

  private void read(
      Map<String, Object> entry, int place, Map<Object, Begun> open, boolean doubtful) {
    String in = (String) entry.getOrDefault("in", "");
    String step = (String) entry.get("step");
    switch (String.valueOf(entry.get("event"))) {
      case "step-started" -> started(step);
      case "step-ended" -> ended(entry, step, place);
      case "step-reused" -> {
        completed.merge(step, kept(entry, place), Kept::asOld);
        if (BY_HAND.equals(entry.get("why"))) {
          byHand.add(step);
        }
      }
      case "undoable" -> {
        undoes.put((String) entry.get("undo"), null);
        closed.remove((String) entry.get("undo"));
      }
      case "point-of-no-return" -> {
        irreversible.add(in);
        closed.addAll(undoes.keySet());
        undoes.clear();
      }
      case "remembered" ->
          remembered.merge((String) entry.get("key"), kept(entry, place), Kept::asOldIfSame);
      case "operation-started" -> {
        Map<?, ?> operation = (Map<?, ?>) entry.get("operation");
        if (Boolean.TRUE.equals(operation.get("change")) && !isReport(in)) {
          Begun change = new Begun(in, text(operation), place);
          changes.add(change);
          open.put(entry.get("id"), change);
        }
      }
      case "operation-ended" -> {
        Begun change = open.get(entry.get("id"));
        if (change != null) {
          // A failure that left nobody sure of anything may have been made all the same.
          change.failed = "failed".equals(entry.get("outcome")) && !doubtful;
        }
      }
      default -> {}
    }
  }

  private void started(String step) {
    if (isReport(step)) {
      return;
    }
    begun.add(step);
    completed.remove(step);
    undoneSteps.remove(step);
    undoes.replaceAll((undo, of) -> of == null ? step : of);
  }

  private void ended(Map<String, Object> entry, String step, int place) {
    boolean done = "done".equals(entry.get("outcome"));
    if (step.startsWith(UNDO)) {
      undone(step.substring(UNDO.length()), done);
    } else if (step.startsWith(ALWAYS) && done) {
      finished.add(step.substring(ALWAYS.length()));
    } else if (done && !isReport(step)) {
      completed.put(step, kept(entry, place));
    }
  }

  /** A step whose undo has run counts as not done. */
  private void undone(String undo, boolean done) {
    undone.add(undo);
    if (!done) {
      failedUndos.add(undo);
    }
    String step = undoes.get(undo);
    if (step != null) {
      completed.keySet().removeIf(path -> path.equals(step) || path.startsWith(step + "/"));
      changes.removeIf(change -> change.isIn(step));
      undoneSteps.add(step);
    }
  }

  private static boolean isReport(String step) {
    return REPORTS.stream().anyMatch(step::startsWith);
  }

  private static Kept kept(Map<String, Object> entry, int place) {
    return new Kept(entry.get("value"), String.valueOf(entry.getOrDefault("type", "null")), place);
  }

  static String text(Map<?, ?> operation) {
    return operation.get("wire") + " " + operation.get("node") + " " + operation.get("text");
  }

  /** What a completed step has returned. */
  Optional<Kept> completed(String path) {
    return Optional.ofNullable(completed.get(path));
  }

  /** Why a step need not be done again; empty if it has to be. */
  Optional<String> reason(String path) {
    Kept step = completed.get(path);
    if (step == null) {
      return Optional.empty();
    }
    if (byHand.contains(path)) {
      return Optional.of(BY_HAND);
    }
    if (changes.stream().anyMatch(change -> change.isIn(path))) {
      return Optional.of("it has changed something");
    }
    return step.place < lastChange()
        ? Optional.of("what was changed later depends on it")
        : Optional.empty();
  }

  /** Why a step is done although it was begun before; empty if it was not. */
  Optional<String> whyAgain(String path) {
    if (!begun.contains(path)) {
      return Optional.empty();
    }
    if (undoneSteps.contains(path)) {
      return Optional.of("it was undone");
    }
    return Optional.of(
        completed.containsKey(path) ? "nothing was changed after it" : "it did not end");
  }

  /** What was once asked, as long as something that was changed later may depend on it. */
  Optional<Kept> remembered(String key) {
    return Optional.ofNullable(remembered.get(key)).filter(kept -> kept.place < lastChange());
  }

  /** Whether the way back was closed in a step. */
  boolean isIrreversible(String path) {
    return irreversible.stream().anyMatch(in -> in.equals(path) || in.startsWith(path + "/"));
  }

  /** Whether a change was begun in a step that did not end, and did not simply fail. */
  boolean hasBegun(String path, String text) {
    return changes.stream()
        .anyMatch(change -> change.step.equals(path) && change.text.equals(text) && !change.failed);
  }

  /** Whether any change was begun in such a step. */
  boolean hasBegun(String path) {
    return changes.stream().anyMatch(change -> change.step.equals(path) && !change.failed);
  }

  /** A change that no step holds, so that nobody could tell whether it has to be made again. */
  Optional<String> changeOutsideOfSteps() {
    return changes.stream()
        .filter(change -> change.step.isEmpty())
        .map(change -> change.text)
        .findFirst();
  }

  /** Whether it has changed something that was not undone. */
  boolean hasChanges() {
    return !changes.isEmpty();
  }

  /** What it has changed, or begun to change, and that was not undone; each in a line. */
  List<String> changes() {
    return changes.stream().filter(change -> !change.failed).map(Begun::inWords).toList();
  }

  boolean isUndone(String undo) {
    return undone.contains(undo);
  }

  /** Whether a way back that there was lies behind the point of no return. */
  boolean isClosed(String undo) {
    return closed.contains(undo);
  }

  /** Whether it has gone past the point of no return. */
  boolean isIrreversible() {
    return !irreversible.isEmpty();
  }

  /** Whether what has to happen in any case has happened. */
  boolean isFinished(String always) {
    return finished.contains(always);
  }

  Set<String> failedUndos() {
    return Set.copyOf(failedUndos);
  }

  private int lastChange() {
    return changes.stream().mapToInt(change -> change.place).max().orElse(0);
  }
}
