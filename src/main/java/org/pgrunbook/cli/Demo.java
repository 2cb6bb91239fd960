package org.pgrunbook.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.Time;
import org.pgrunbook.inventory.ClusterSpec;
import org.pgrunbook.inventory.Inventory;
import org.pgrunbook.inventory.InventoryReader;
import org.pgrunbook.runbook.Answers;
import org.pgrunbook.runbook.Engine;
import org.pgrunbook.sandbox.DemoClient;
import org.pgrunbook.sandbox.Sandbox;

/**
 * The story that the demo tells: a cluster that is written to all the while, a backup, an accident,
 * a restore to just before it, a dead primary and a failover. What it claims in the end it has
 * counted.
 */
final class Demo {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Main main;
  private final Terminal terminal;
  private final Style style;
  private final Sandbox sandbox;
  private final int major;
  private final Time time = Time.system();

  Demo(Main main, Sandbox sandbox, int major) {
    this.main = main;
    this.terminal = main.terminal;
    this.style = new Style(terminal.colours());
    this.sandbox = sandbox;
    this.major = major;
  }

  void tell() {
    long start = time.nanos();
    chapter(
        "A cluster of PostgreSQL " + major + ": a primary, two standbys, an empty spare host",
        "sandbox up");
    sandbox.up(major);
    try {
      Inventory inventory = InventoryReader.read(sandbox.inventory());
      try (DemoClient client = new DemoClient(inventory.cluster("demo"), time)) {
        perform(inventory, client);
      }
    } finally {
      sandbox.down();
    }
    say("Nothing of it is left. All of this took " + Durations.show(time.since(start)) + ".");
    say("The journal of each run is still there: pgrunbook runs, pgrunbook log last.");
  }

  private void perform(Inventory inventory, DemoClient client) {
    say(
        "From now on a client inserts a row every few milliseconds, and remembers what was"
            + " acknowledged.");
    client.start();

    chapter("A base backup, while the client writes", "run backup/base-backup demo");
    run(inventory, "backup/base-backup", Map.of());

    chapter("An accident: somebody deletes every row", "");
    client.awaitRows(PATIENCE);
    Instant before = client.serverTime();
    long expected = client.acknowledgedBefore(before);
    long deleted = client.deleteAll();
    say(deleted + " rows are gone. Just before, at " + before + ", everything was fine.");

    chapter(
        "Bring the WAL up to now into the repository", "run backup/ship-wal demo -p current=true");
    run(inventory, "backup/ship-wal", Map.of("current", "true"));

    chapter(
        "Restore to just before the accident, onto the spare host",
        "run restore/point-in-time demo -p onto=pg4 -p time=" + before);
    run(inventory, "restore/point-in-time", Map.of("onto", "pg4", "time", before.toString()));
    ClusterSpec cluster = inventory.cluster("demo");
    long restored = DemoClient.count(cluster.node("pg4"));
    if (restored < expected) {
      throw Problem.failed(
          "only %d of %d acknowledged rows were restored".formatted(restored, expected));
    }
    say(
        style.bold(
            restored
                + " rows are back on pg4: every one that was acknowledged before "
                + before
                + "."));

    chapter("The primary dies: kill -9", "sandbox kill pg1");
    sandbox.kill("pg1");

    chapter(
        "Fail over to the most advanced standby",
        "run replication/failover demo -p maxLoss=16MB --confirm=demo");
    say(
        "Replication is asynchronous: the last few milliseconds may not have reached a standby. We"
            + " accept that, up to 16 MB of WAL.");
    run(inventory, "replication/failover", Map.of("maxLoss", "16MB"));
    client.awaitRows(PATIENCE);
    client.stop();
    DemoClient.Toll toll = client.toll();
    say(
        style.bold(
            "The client writes again, after %s without writes. Of %d acknowledged rows %d were lost."
                .formatted(Durations.show(toll.silence()), toll.acknowledged(), toll.lost())));
    chapter("What was proved", "");
    say("rows restored to the moment before the accident: " + restored);
    say("rows lost in the failover (asynchronous replication): " + toll.lost());
    say("seconds without writes: %.1f".formatted(toll.silence().toMillis() / 1000.0));
  }

  private void run(Inventory inventory, String runbook, Map<String, String> parameters) {
    Answers agree = (question, name) -> new Answers.Answer(true, "the demo agrees");
    Narration narration = new Narration(terminal, Narration.Detail.STEPS);
    Engine engine = main.engine(inventory, List.of(narration), agree);
    Engine.Result result =
        engine.run(
            new Engine.Request(main.library().find(runbook), Optional.of("demo"), parameters));
    result
        .problem()
        .ifPresent(
            problem -> {
              throw problem;
            });
  }

  private void chapter(String title, String command) {
    terminal.out().println();
    terminal.out().println(style.bold("## " + title));
    if (!command.isEmpty()) {
      terminal.out().println(style.faint("$ pgrunbook " + command));
    }
    terminal.out().flush();
  }

  private void say(String text) {
    terminal.out().println(text);
    terminal.out().flush();
  }
}
