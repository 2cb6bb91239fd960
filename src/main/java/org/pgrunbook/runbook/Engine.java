package org.pgrunbook.runbook;

import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.Secrets;
import org.pgrunbook.Time;
import org.pgrunbook.inventory.Inventory;
import org.pgrunbook.journal.Dry;
import org.pgrunbook.journal.Entry;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Event.Started.Kind;
import org.pgrunbook.journal.Journal;
import org.pgrunbook.journal.JournalFile;
import org.pgrunbook.journal.Listener;
import org.pgrunbook.journal.Live;
import org.pgrunbook.journal.Means;
import org.pgrunbook.journal.PastRun;
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
 * @param wires what stands between a run and its servers; itself, but in tests
 */
public record Engine(
    Inventory inventory,
    State state,
    Time time,
    Secrets secrets,
    List<Listener> listeners,
    Answers answers,
    Origin origin,
    UnaryOperator<Means> wires) {

  /** Runs runbooks on real servers. */
  public Engine(
      Inventory inventory,
      State state,
      Time time,
      Secrets secrets,
      List<Listener> listeners,
      Answers answers,
      Origin origin) {
    this(inventory, state, time, secrets, listeners, answers, origin, UnaryOperator.identity());
  }

  /**
   * What to run.
   *
   * @param runbook the runbook
   * @param target {@code CLUSTER} or {@code CLUSTER/NODE}
   * @param parameters as given on the command line
   * @param kind what kind of run
   * @param past the run that it goes on with, or takes back
   * @param from the step to begin with
   * @param eachStep who is asked before each step
   * @param whenLocked what it does when another run holds a lock that it needs
   */
  public record Request(
      Source runbook,
      Optional<String> target,
      Map<String, String> parameters,
      Kind kind,
      Optional<Continuation> past,
      Optional<String> from,
      Optional<Answers> eachStep,
      WhenLocked whenLocked) {

    /** A run that begins. */
    public Request(Source runbook, Optional<String> target, Map<String, String> parameters) {
      this(runbook, target, parameters, Kind.RUN, none(), none(), none(), WhenLocked.FAIL);
    }

    /** The same, of which changes are only described. */
    public Request dry() {
      return new Request(
          runbook, target, parameters, Kind.DRY_RUN, past, from, eachStep, whenLocked);
    }

    /** The same, beginning with a step: those before it are taken as done by hand. */
    public Request from(String step) {
      return new Request(
          runbook, target, parameters, kind, past, Optional.of(step), eachStep, whenLocked);
    }

    /** The same, with somebody who is asked before each step. */
    public Request asking(Answers person) {
      return new Request(
          runbook, target, parameters, kind, past, from, Optional.of(person), whenLocked);
    }

    /** The same, which does otherwise when another run holds a lock. */
    public Request whenLocked(WhenLocked otherwise) {
      return new Request(runbook, target, parameters, kind, past, from, eachStep, otherwise);
    }

    private static <T> Optional<T> none() {
      return Optional.empty();
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
   * Goes on where a run was ended, or takes back what it has done.
   *
   * @param library where its runbook is
   * @param kind {@code RESUME} or {@code UNDO}
   * @param whenLocked what it does when it cannot have a lock
   * @throws Problem with exit 3 if what it was run from has changed meanwhile, or there is nothing
   *     to go on with
   */
  public Result goOn(PastRun past, Library library, Kind kind, WhenLocked whenLocked) {
    Map<String, Object> start = Continuation.started(past);
    Source runbook = library.find((String) start.get("runbook"));
    Map<String, String> parameters = new LinkedHashMap<>();
    ((Map<?, ?>) start.get("parameters"))
        .forEach((name, value) -> parameters.put((String) name, (String) value));
    return run(
        new Request(
            runbook,
            Optional.of((String) start.get("target")).filter(target -> !target.isEmpty()),
            parameters,
            kind,
            Optional.of(Continuation.of(past, kind, state, inventory, runbook)),
            Optional.empty(),
            Optional.empty(),
            whenLocked));
  }

  /**
   * Runs a runbook to its end. What is wrong with the runbook, its target or its parameters is
   * thrown before the run begins; whatever happens afterwards is in the result.
   */
  public Result run(Request request) {
    Supplier<String> revision = Origin.revision(request.runbook().file());
    Compiler.Compiled compiled = new Compiler(CompiledCache.of(state)).compile(request.runbook());
    Changes changes = new Changes();
    try (JournalFile file = JournalFile.begin(state.runs(), time)) {
      String id = file.run();
      List<Listener> all = new ArrayList<>(List.of(file, changes));
      all.addAll(listeners);
      Journal journal = new Journal(time, secrets, all);
      Means live = wires.apply(new Live(journal, time));
      Locks locks = new Locks(this, request);
      Guarded guarded = new Guarded(live, locks);
      Means means =
          switch (request.kind()) {
            case RUN -> guarded;
            case DRY_RUN -> new Dry(journal, live);
            case RESUME, UNDO -> new Resumed(guarded, journal, request.past().get().known());
          };
      Run run = new Run(id, journal, means, time, secrets);
      long start = time.nanos();
      journal.tell(started(id, request, revision.get()));
      Optional<Problem> problem =
          perform(compiled, request, run, locks, changes).map(found -> found.without(secrets));
      Exit exit = problem.map(Problem::exit).orElse(Exit.DONE);
      journal.tell(Event.Ended.with(exit, time.since(start), problem));
      return new Result(id, exit, problem);
    }
  }

  private Optional<Problem> perform(
      Compiler.Compiled compiled, Request request, Run run, Locks locks, Changes changes) {
    Clusters clusters = new Clusters(inventory, run);
    boolean before = request.past().filter(past -> past.known().hasChanges()).isPresent();
    Optional<Recall> recall = request.past().map(past -> recall(past, run, clusters, request));
    try (Execution execution = new Execution(run, clusters, recall, answers, locks)) {
      Problem failure = null;
      try {
        Runbook script = instance(compiled.type());
        new Binding(compiled.signature(), clusters, request.target())
            .bind(script, request.parameters());
        script.begin(execution);
        request.eachStep().ifPresent(execution::askBeforeEachStep);
        if (request.from().isPresent()) {
          execution.beginWith(request.from().get(), request);
        }
        script.run();
      } catch (Recall.End e) {
        // It came no further; what it said of the way back is known now.
        run.journal().note("this is as far as it came");
      } catch (Throwable e) {
        failure = Failures.located(Problem.of(e), request.runbook(), compiled.type());
      }
      if (failure != null && execution.forecast.leavesOpen(failure)) {
        execution.forecast.endsWith(failure, compiled.signature(), execution.steps());
        failure = null;
      }
      execution.forecast.tell();
      if (failure != null
          && failure.exit() == Exit.LOCKED
          && request.whenLocked().skips()
          && !before
          && changes.nodes.isEmpty()) {
        run.journal().note("skipped: " + failure.fact());
        failure = null;
      }
      if (request.kind() == Kind.UNDO) {
        return failure == null ? WayBack.takeBack(request, execution) : Optional.of(failure);
      }
      if (failure == null) {
        execution.goBack();
        return execution.undo.finish(run);
      }
      if (before && changes.nodes.isEmpty() && execution.consent.isDeclined()) {
        return Optional.of(WayBack.declined(failure, execution));
      }
      return Optional.of(
          WayBack.afterFailure(
              failure, execution, before || !changes.nodes.isEmpty(), changes.nodes));
    }
  }

  private static Recall recall(Continuation past, Run run, Clusters clusters, Request request) {
    boolean only = request.kind() == Kind.UNDO;
    Recall recall = new Recall(run, past.known(), clusters::named, only);
    Resumed means = (Resumed) run.means();
    means.reviveBy(recall.revival());
    means.freeze(only);
    return recall;
  }

  private Event.Started started(String id, Request request, String revision) {
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
        revision,
        origin.version(),
        request.kind(),
        request.past().map(past -> past.run().id()).orElse(null));
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

  /** Notices which nodes, or repositories, the run has changed anything of. */
  private static final class Changes implements Listener {
    private final Set<String> nodes = ConcurrentHashMap.newKeySet();

    @Override
    public void heard(Entry entry) {
      if (entry.event() instanceof Event.OperationStarted started && started.operation().change()) {
        nodes.add(started.operation().node());
      }
    }
  }
}
