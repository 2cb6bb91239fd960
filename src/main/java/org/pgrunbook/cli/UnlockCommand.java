package org.pgrunbook.cli;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.pgrunbook.Time;
import org.pgrunbook.runbook.Engine;
import org.pgrunbook.runbook.HeldLock;
import org.pgrunbook.runbook.HeldLock.Life;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code pgrunbook unlock}: takes the locks of dead runs away. */
@Command(
    name = "unlock",
    description =
        "Show who holds the locks of a cluster, and take them away from runs that are dead.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class UnlockCommand implements Runnable {
  /** What is locked. */
  enum Purpose {
    WAL,
    BACKUP,
    ROLES
  }

  @ParentCommand private Main main;

  @Parameters(index = "0", paramLabel = "CLUSTER", description = "The cluster.")
  private String cluster;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "LOCK",
      description = "wal, backup or roles. All of them unless given.")
  private Purpose purpose;

  @Option(
      names = "--confirm",
      paramLabel = "NAME",
      description = "The cluster's name, to agree beforehand.")
  private String confirm;

  @Override
  public void run() {
    var answers =
        new PersonOrFlags(main.terminal, false, confirm == null ? List.of() : List.of(confirm));
    Engine engine = main.engine(main.inventory(), List.of(), answers);
    List<HeldLock> held = HeldLock.of(engine, cluster, purposes());
    try {
      if (held.isEmpty()) {
        main.terminal.out().println("no such lock of \"" + cluster + "\" is held");
        return;
      }
      main.terminal.rows(held.stream().map(HeldLock::row).toList(), HeldLock.Row.class, false);
      if (held.stream().anyMatch(lock -> lock.life() == Life.UNKNOWN)) {
        main.terminal.err().println("watching, for half a minute, whether that run is alive");
        HeldLock.watch(held, Time.system());
      }
      held.stream().filter(lock -> lock.life() == Life.DEAD).forEach(this::takeAway);
      held.stream()
          .filter(lock -> lock.life() == Life.ALIVE)
          .findFirst()
          .ifPresent(
              lock -> {
                throw lock.isAlive();
              });
    } finally {
      held.forEach(HeldLock::close);
    }
  }

  private List<String> purposes() {
    return Stream.of(Purpose.values())
        .filter(one -> purpose == null || one == purpose)
        .map(one -> one.name().toLowerCase(Locale.ROOT))
        .toList();
  }

  private void takeAway(HeldLock lock) {
    String name = lock.row().lock();
    lock.takeAway();
    main.terminal.out().println("unlocked " + name);
    main.terminal.out().flush();
  }
}
