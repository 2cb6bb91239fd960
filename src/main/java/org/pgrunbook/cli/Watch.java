package org.pgrunbook.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.Time;
import org.pgrunbook.journal.State;

/**
 * Shows something again and again: on a terminal each time in the place of the last. What is looked
 * at every two seconds is no run that anybody wants to find among the others, so its journals go.
 */
final class Watch {
  private static final Duration PAUSE = Duration.ofSeconds(2);
  private static final String CLEAR = "\033[H\033[2J\033[3J";

  private final Terminal terminal;
  private final boolean redraw;
  private final BiConsumer<Terminal, State> look;
  private final Time time = Time.system();

  /**
   * Shows nothing yet.
   *
   * @param redraw whether to clear the screen each time, if it is one
   * @param look prints onto the terminal that it is given, and keeps its state where it is told
   */
  Watch(Terminal terminal, boolean redraw, BiConsumer<Terminal, State> look) {
    this.terminal = terminal;
    this.redraw = redraw && terminal.interactive();
    this.look = look;
  }

  /** Returns 0 when it is interrupted: that is how it is meant to end. */
  int untilInterrupted() {
    Thread worker = Thread.currentThread();
    CountDownLatch finished = new CountDownLatch(1);
    Thread hook = Thread.ofPlatform().unstarted(() -> end(worker, finished));
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      while (!Thread.currentThread().isInterrupted()) {
        once();
        time.sleep(PAUSE);
      }
    } catch (Problem e) {
      if (e.exit() != Exit.INTERRUPTED) {
        throw e;
      }
    } finally {
      finished.countDown();
    }
    return 0;
  }

  private void once() {
    StringWriter text = new StringWriter();
    PrintWriter printer = new PrintWriter(text);
    Path folder = temporary();
    try {
      look.accept(terminal.printingTo(printer), new State(folder));
    } finally {
      delete(folder);
    }
    if (Thread.currentThread().isInterrupted()) {
      return; // what was seen until then is not worth showing
    }
    terminal.out().print(redraw ? CLEAR + text : text);
    if (redraw) {
      terminal
          .out()
          .println("\n" + time.now().truncatedTo(ChronoUnit.SECONDS) + ", every 2 s until Ctrl-C");
    }
    terminal.out().flush();
  }

  /** Ctrl-C is no failure here, and the process would end with 130. */
  private static void end(Thread worker, CountDownLatch finished) {
    worker.interrupt();
    try {
      if (!finished.await(10, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      return;
    }
    Runtime.getRuntime().halt(0);
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("pgrunbook-watch-");
    } catch (IOException e) {
      throw Problem.failed("cannot make a temporary folder: " + e).because(e);
    }
  }

  private static void delete(Path folder) {
    try (var files = Files.walk(folder)) {
      for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw Problem.failed("cannot delete \"" + folder + "\": " + e).because(e);
    }
  }
}
