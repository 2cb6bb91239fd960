package org.pgrunbook.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.pgrunbook.Secrets;
import org.pgrunbook.Time;
import org.pgrunbook.inventory.Inventory;
import org.pgrunbook.inventory.InventoryReader;
import org.pgrunbook.inventory.NodeSpec;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Journal;
import org.pgrunbook.journal.Live;
import org.pgrunbook.journal.Means;
import org.pgrunbook.journal.Run;
import org.pgrunbook.journal.State;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.runbook.Answers;
import org.pgrunbook.runbook.Engine;
import org.pgrunbook.runbook.Library;
import org.pgrunbook.runbook.Origin;
import org.pgrunbook.sandbox.Sandbox;

/**
 * Where runbooks are tested: on a sandbox, on servers of your own, or on recorded answers. It is of
 * use in every test framework; with Spock it is {@code @AutoCleanup}.
 *
 * <p>Journals and locks are in a temporary folder. Whoever is asked says no; {@link #agreeing} has
 * somebody who agrees.
 */
public final class TestBed implements AutoCloseable {
  private final Path folder;
  private final Library library;
  private final Optional<Sandbox> sandbox;
  private final Optional<Recorded> recorded;
  private final Inventory inventory;
  private final Secrets secrets = new Secrets();
  private final List<String> agreed;
  private final Map<String, Cluster> clusters = new LinkedHashMap<>();

  private TestBed(
      Path folder,
      Library library,
      Inventory inventory,
      Optional<Sandbox> sandbox,
      Optional<Recorded> recorded,
      List<String> agreed) {
    this.folder = folder;
    this.library = library;
    this.inventory = inventory;
    this.sandbox = sandbox;
    this.recorded = recorded;
    this.agreed = agreed;
  }

  private static TestBed of(
      Path folder,
      Path project,
      Path inventory,
      Optional<Sandbox> sandbox,
      Optional<Recorded> recorded) {
    return new TestBed(
        folder,
        Library.of(project, Path.of(System.getProperty("pgrunbook.home", "."))),
        InventoryReader.read(inventory),
        sandbox,
        recorded,
        List.of());
  }

  /**
   * A sandbox of its own with PostgreSQL 18: the cluster {@code demo} with the primary {@code pg1},
   * the standbys {@code pg2} and {@code pg3}, the spare {@code pg4} and a repository. It takes some
   * seconds to come up; share it between the features of a specification.
   *
   * @param project the folder in which {@code runbooks/} is
   */
  public static TestBed sandbox(Path project) {
    return sandbox(project, 18);
  }

  /**
   * The same with another major version of PostgreSQL, 15 to 18.
   *
   * @param project the folder in which {@code runbooks/} is
   */
  public static TestBed sandbox(Path project, int postgres) {
    Path folder = temporary();
    Sandbox sandbox = new Sandbox(folder.resolve("sandbox"));
    sandbox.up(postgres);
    return of(folder, project, sandbox.inventory(), Optional.of(sandbox), Optional.empty());
  }

  /**
   * Servers of your own, such as those of a staging cluster.
   *
   * @param project the folder in which {@code runbooks/} is
   * @param inventory a file or a folder
   */
  public static TestBed of(Path project, Path inventory) {
    return of(temporary(), project, inventory, Optional.empty(), Optional.empty());
  }

  /**
   * A cluster of which nothing is there: SQL and SSH get the answers that were recorded by {@link
   * #on}, and a statement or command without one fails the test. The first node says that it is the
   * primary, the others that they are standbys.
   *
   * @param project the folder in which {@code runbooks/} is
   */
  public static TestBed recorded(Path project, String cluster, String... nodes) {
    StringBuilder text = new StringBuilder("clusters:\n  " + cluster + ":\n    nodes:\n");
    for (String node : nodes) {
      String role = node.equals(nodes[0]) ? "primary" : "standby";
      text.append(
          "      %s: { host: %s.invalid, role: %s, data: /data }\n".formatted(node, node, role));
    }
    Path folder = temporary();
    try {
      return recorded(folder, project, Files.writeString(folder.resolve("inventory.yml"), text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The clusters of an inventory, of which nothing is asked: recorded answers stand for them as for
   * {@link #recorded(Path, String, String...)}. The roles are those that it declares.
   *
   * @param project the folder in which {@code runbooks/} is
   * @param inventory a file or a folder
   */
  public static TestBed recorded(Path project, Path inventory) {
    return recorded(temporary(), project, inventory);
  }

  private static TestBed recorded(Path folder, Path project, Path inventory) {
    Recorded recorded = new Recorded();
    TestBed bed = of(folder, project, inventory, Optional.empty(), Optional.of(recorded));
    bed.inventory.clusters().values().stream()
        .flatMap(cluster -> cluster.nodes().values().stream())
        .filter(node -> node.role() == NodeSpec.Role.PRIMARY)
        .forEach(node -> recorded.node(node.fullName()).isPrimary());
    return bed;
  }

  /** The sandbox's servers run as another user, if we are root: they have to get in. */
  private static Path temporary() {
    try {
      Path folder = Files.createTempDirectory("pgrunbook-test-");
      return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The same, with somebody who agrees to what is asked: by the name of a cluster or a node to what
   * wants that name typed, by {@code yes} to what wants no more than that.
   */
  public TestBed agreeing(String... names) {
    return new TestBed(folder, library, inventory, sandbox, recorded, List.of(names));
  }

  /** Runs a runbook without a target. */
  public TestRun run(String runbook) {
    return run(Map.of(), runbook, null);
  }

  /** Runs a runbook. */
  public TestRun run(String runbook, String target) {
    return run(Map.of(), runbook, target);
  }

  /**
   * Runs a runbook: {@code bed.run('myteam/restart', 'demo/pg2', patience: '10s')}.
   *
   * @param parameters as the command line takes them
   * @param runbook its name, or its path
   * @param target {@code CLUSTER} or {@code CLUSTER/NODE}; null: none
   * @throws org.pgrunbook.Problem with exit 2 if the runbook cannot be run
   * @throws AssertionError if something was asked for which no answer is recorded
   */
  public TestRun run(Map<String, ?> parameters, String runbook, String target) {
    return perform(request(parameters, runbook, target));
  }

  /** Only describes what a run would do. */
  public TestRun dryRun(String runbook, String target) {
    return dryRun(Map.of(), runbook, target);
  }

  /** Only describes what {@link #run(Map, String, String)} would do. */
  public TestRun dryRun(Map<String, ?> parameters, String runbook, String target) {
    return perform(request(parameters, runbook, target).dry());
  }

  private Engine.Request request(Map<String, ?> parameters, String runbook, String target) {
    Map<String, String> texts = new LinkedHashMap<>();
    parameters.forEach((name, value) -> texts.put(name, String.valueOf(value)));
    return new Engine.Request(library.find(runbook), Optional.ofNullable(target), texts);
  }

  private TestRun perform(Engine.Request request) {
    List<Event> events = new CopyOnWriteArrayList<>();
    Engine engine =
        new Engine(
            inventory,
            new State(folder.resolve("state")),
            Time.system(),
            secrets,
            List.of(entry -> events.add(entry.event())),
            this::confirm,
            Origin.of(List.of(), "test"),
            means());
    Engine.Result result = engine.run(request);
    List<String> unexpected = recorded.map(Recorded::takeUnexpected).orElse(List.of());
    if (!unexpected.isEmpty()) {
      throw new AssertionError(String.join("\n", unexpected));
    }
    return new TestRun(result, events);
  }

  private UnaryOperator<Means> means() {
    return recorded
        .<UnaryOperator<Means>>map(answers -> answers::in)
        .orElseGet(UnaryOperator::identity);
  }

  private Answers.Answer confirm(String question, Optional<String> name) {
    return new Answers.Answer(agreed.contains(name.orElse("yes")), "the test");
  }

  /** A node whose answers are to be recorded, {@code demo/pg2}. */
  public RecordedNode on(String node) {
    inventory.target(node);
    return recorded
        .orElseThrow(() -> new IllegalStateException("only what is recorded answers by a script"))
        .node(node);
  }

  /**
   * A cluster to set the scene on, and to look at afterwards, with the words that a runbook has for
   * it: {@code bed.cluster('demo').primary.sql.execute('create table t ()')}.
   */
  public synchronized Cluster cluster(String name) {
    return clusters.computeIfAbsent(
        name,
        key -> {
          Journal journal = new Journal(Time.system(), secrets, new ArrayList<>());
          Means live = means().apply(new Live(journal, Time.system()));
          return new Cluster(
              inventory, key, new Run("test", journal, live, Time.system(), secrets));
        });
  }

  /**
   * Kills a server of the sandbox as {@code kill -9} would.
   *
   * @param node {@code pg1}
   */
  public void kill(String node) {
    sandbox
        .orElseThrow(() -> new IllegalStateException("only a server of the sandbox is killed"))
        .kill(node);
  }

  /** Ends all connections, and takes the sandbox down. */
  @Override
  public void close() {
    clusters.values().forEach(Cluster::close);
    sandbox.ifPresent(Sandbox::down);
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
