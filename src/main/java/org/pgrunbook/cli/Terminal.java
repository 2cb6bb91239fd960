package org.pgrunbook.cli;

import java.io.PrintWriter;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Json;

/**
 * What a command sees of the world: its streams, its environment and where it was started.
 *
 * @param out what was asked for
 * @param err messages and errors
 * @param input reads a line from the person; absent when nobody is there
 * @param environment the environment variables
 * @param folder the working folder
 * @param home where pgrunbook is installed: its shipped runbooks lie in {@code runbooks/}
 * @param interactive whether standard output is a terminal
 */
public record Terminal(
    PrintWriter out,
    PrintWriter err,
    Optional<LineReader> input,
    Map<String, String> environment,
    Path folder,
    Path home,
    boolean interactive) {

  /** Rises only when who reads the older form of what a command prints would misread the newer. */
  private static final int VERSION = 1;

  /** Asks a person for a line. */
  @FunctionalInterface
  public interface LineReader {
    String read(String prompt);
  }

  /** The terminal of this process. */
  @SuppressWarnings("SystemConsoleNull") // it does in some JDKs
  static Terminal ofProcess() {
    // System.console() is there only if both standard input and output are a terminal.
    var console = System.console();
    boolean interactive = console != null && console.isTerminal();
    return new Terminal(
        new PrintWriter(System.out, true, StandardCharsets.UTF_8),
        new PrintWriter(System.err, true, StandardCharsets.UTF_8),
        interactive
            ? Optional.of(prompt -> interruptibly(() -> console.readLine("%s", prompt)))
            : Optional.empty(),
        System.getenv(),
        Path.of("").toAbsolutePath(),
        Path.of(System.getProperty("pgrunbook.home", ".")).toAbsolutePath().normalize(),
        interactive);
  }

  /**
   * A console cannot be interrupted while it reads, so another thread does; Ctrl-C must not wait.
   */
  private static String interruptibly(Supplier<String> reading) {
    CompletableFuture<String> line = new CompletableFuture<>();
    Thread.ofPlatform().daemon().start(() -> line.complete(reading.get()));
    try {
      return line.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.interrupted("interrupted before it was confirmed").because(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The same terminal, but what is printed, errors too, goes elsewhere. */
  Terminal printingTo(PrintWriter printer) {
    return new Terminal(printer, printer, input, environment, folder, home, interactive);
  }

  /**
   * Whether to use colours: on a terminal, unless {@code NO_COLOR} or {@code TERM=dumb} says no.
   */
  boolean colours() {
    return interactive
        && environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !"dumb".equals(environment.get("TERM"));
  }

  /** How many characters fit on a line. */
  int width() {
    try {
      return Math.max(60, Integer.parseInt(environment.getOrDefault("COLUMNS", "120")));
    } catch (NumberFormatException e) {
      return 120;
    }
  }

  /** Prints a problem: the fact, what to try, where, and what state things are in. */
  void print(Problem problem) {
    err.println("error: " + problem.fact());
    problem.hints().forEach(hint -> err.println("HINT: " + hint));
    problem.where().ifPresent(where -> err.println("at: " + where));
    problem.state().ifPresent(state -> err.println("state: " + state));
    err.flush();
  }

  /** Prints rows under a heading, each column as wide as it needs. */
  void table(List<String> columns, List<? extends List<?>> rows) {
    TextTable.lines(columns, rows).forEach(out::println);
    out.flush();
  }

  /** Prints records of one type: as a table, or as JSON lines. */
  <R extends Record> void rows(List<R> rows, Class<R> type, boolean json) {
    if (json) {
      rows.forEach(this::json);
    } else {
      List<String> columns =
          Stream.of(type.getRecordComponents()).map(RecordComponent::getName).toList();
      table(columns, rows.stream().map(row -> new ArrayList<>(Json.fields(row).values())).toList());
    }
    out.flush();
  }

  /** Prints a record as a line of JSON, with the version of its form. */
  void json(Record row) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("v", VERSION);
    line.putAll(Json.fields(row));
    out.println(Json.line(line));
    out.flush();
  }
}
