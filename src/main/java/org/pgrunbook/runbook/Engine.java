package org.pgrunbook.runbook;

import java.lang.reflect.InvocationTargetException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.Secrets;
import org.pgrunbook.Time;
import org.pgrunbook.inventory.Inventory;
import org.pgrunbook.journal.Dry;
import org.pgrunbook.journal.Entry;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Journal;
import org.pgrunbook.journal.JournalFile;
import org.pgrunbook.journal.Listener;
import org.pgrunbook.journal.Live;
import org.pgrunbook.journal.Means;
import org.pgrunbook.journal.Run;
import org.pgrunbook.journal.State;

/**
 * Runs runbooks.
 *
 * @param inventory what there is
 * @param state where journals and locks are
 * @param time the clock
 * @param secrets what must not be told
 * @param listeners who hears of a run besides its journal file
 * @param answers who answers when a runbook asks
 * @param origin who started it
 */
public record Engine(
    Inventory inventory,
    State state,
    Time time,
    Secrets secrets,
    List<Listener> listeners,
    Answers answers,
    Origin origin) {

  private static final DateTimeFormatter ID =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  /**
   * What to run.
   *
   * @param runbook the runbook
   * @param target {@code CLUSTER} or {@code CLUSTER/NODE}
   * @param parameters as given on the command line
   * @param dry whether changes are only described
   */
  public record Request(
      Source runbook, Optional<String> target, Map<String, String> parameters, boolean dry) {
    public Request(Source runbook, Optional<String> target, Map<String, String> parameters) {
      this(runbook, target, parameters, false);
    }
  }

  /**
   * How a run ended.
   *
   * @param run its id
   * @param exit how
   * @param problem why, unless it is done
   */
  public record Result(String run, Exit exit, Optional<Problem> problem) {}

  /**
   * Runs a runbook to its end. What is wrong with the runbook, its target or its parameters is
   * thrown before the run begins; whatever happens afterwards is in the result.
   */
  public Result run(Request request) {
    Compiler.Compiled compiled = new Compiler(CompiledCache.of(state)).compile(request.runbook());
    String id = ID.format(time.now()) + "-" + suffix();
    Changes changes = new Changes();
    try (JournalFile file = new JournalFile(state.runs().resolve(id + ".jsonl"))) {
      List<Listener> all = new ArrayList<>(List.of(file, changes));
      all.addAll(listeners);
      Journal journal = new Journal(time, secrets, all);
      Live live = new Live(journal, time);
      Means means = request.dry() ? new Dry(journal, live) : live;
      Run run = new Run(id, journal, means, time, secrets);
      long start = time.nanos();
      journal.tell(started(id, request));
      Optional<Problem> problem =
          perform(compiled, request, run, changes).map(found -> found.without(secrets));
      Exit exit = problem.map(Problem::exit).orElse(Exit.DONE);
      journal.tell(
          new Event.Ended(
              exit.name().toLowerCase(java.util.Locale.ROOT),
              exit.code(),
              time.since(start),
              problem.map(Problem::fact).orElse(null)));
      return new Result(id, exit, problem);
    }
  }

  private Optional<Problem> perform(
      Compiler.Compiled compiled, Request request, Run run, Changes changes) {
    Clusters clusters = new Clusters(inventory, run);
    try (Execution execution = new Execution(run, clusters, answers, new Locks(state, origin))) {
      Problem failure = null;
      try {
        Runbook script = instance(compiled.type());
        new Binding(compiled.signature(), clusters, request.target())
            .bind(script, request.parameters());
        script.begin(execution);
        script.run();
      } catch (RuntimeException e) {
        failure = Failures.located(Problem.of(e), request.runbook(), compiled.type());
      }
      if (failure != null && execution.forecast.leavesOpen(failure)) {
        execution.forecast.endsWith(failure, compiled.signature(), execution.steps());
        failure = null;
      }
      execution.forecast.tell();
      if (failure == null) {
        return execution.undo.finish(run);
      }
      return Optional.of(afterFailure(failure, execution, changes));
    }
  }

  /** Takes back what can be, and says what state that leaves. */
  private static Problem afterFailure(Problem failure, Execution execution, Changes changes) {
    Thread.interrupted(); // what undoes must not be interrupted by what interrupted the run
    Run run = execution.run;
    Optional<Problem> undo = execution.undo.undo(run);
    Optional<Problem> always = execution.undo.finish(run);
    always.ifPresent(problem -> run.journal().warn(problem.fact()));
    if (undo.isEmpty() && !changes.any.get()) {
      return failure.state().isPresent() ? failure : failure.state("nothing was changed");
    }
    Problem outcome =
        undo.map(
                problem ->
                    Problem.unknownState(
                            failure.fact() + "; and the undo failed: " + problem.fact())
                        .because(failure))
            .orElseGet(() -> afterChange(failure));
    outcome.hint("Go on from here, once that is mended: pgrunbook resume " + run.id() + ".");
    outcome.hint("See what it did: pgrunbook log " + run.id() + ".");
    Aftermath.of(execution.clusters.open(), run)
        .map(state -> failure.state().map(first -> first + "; " + state).orElse(state))
        .ifPresent(outcome::state);
    return outcome;
  }

  /** What could be refused before a change is a failure after it. */
  private static Problem afterChange(Problem failure) {
    return switch (failure.exit()) {
      case UNREACHABLE, REFUSED, USAGE -> failure.as(Exit.FAILED);
      default -> failure;
    };
  }

  private Event.Started started(String id, Request request) {
    Source runbook = request.runbook();
    return new Event.Started(
        id,
        runbook.name(),
        request.target().orElse(""),
        request.parameters(),
        origin.user(),
        origin.host(),
        ProcessHandle.current().pid(),
        origin.arguments(),
        runbook.digest(),
        inventory.digest(),
        Origin.revision(runbook.file()),
        origin.version(),
        request.dry() ? Event.Started.Kind.DRY_RUN : Event.Started.Kind.RUN,
        null);
  }

  private static Runbook instance(Class<? extends Runbook> type) {
    try {
      return type.getConstructor().newInstance();
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String suffix() {
    return Integer.toString(
        ThreadLocalRandom.current().nextInt(36 * 36 * 36, 36 * 36 * 36 * 36), 36);
  }

  /** Notices whether the run has changed anything yet. */
  private static final class Changes implements Listener {
    private final AtomicBoolean any = new AtomicBoolean();

    @Override
    public void heard(Entry entry) {
      if (entry.event() instanceof Event.OperationStarted started && started.operation().change()) {
        any.set(true);
      }
    }
  }
}
