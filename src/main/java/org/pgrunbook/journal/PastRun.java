package org.pgrunbook.journal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgrunbook.Problem;

/**
 * A run as its journal tells it.
 *
 * @param id the run's id
 * @param entries the journal's lines in order; a line torn by a crash is left out
 */
public record PastRun(String id, List<Map<String, Object>> entries) {

  /** So many runs, the newest first. */
  public static List<PastRun> newest(State state, int limit) {
    return all(state).limit(limit).toList();
  }

  /** All runs, the newest first, each read when it is asked for. */
  public static Stream<PastRun> all(State state) {
    return files(state).stream().map(PastRun::read);
  }

  /**
   * The run of that id, of that unique prefix, or the {@code last} one.
   *
   * @throws Problem with exit 2 if there is none, or more than one
   */
  public static PastRun find(State state, String id) {
    List<Path> all = files(state);
    List<Path> found =
        id.equals("last")
            ? all.stream().limit(1).toList()
            : all.stream().filter(file -> file.getFileName().toString().startsWith(id)).toList();
    if (found.size() == 1) {
      return read(found.getFirst());
    }
    throw Problem.usage(
            found.isEmpty()
                ? "there is no run \"" + id + "\""
                : "\"" + id + "\" is more than one run")
        .hint("The command 'pgrunbook runs' lists them.");
  }

  /** The first entry of that event, if any. */
  public Optional<Map<String, Object>> event(String name) {
    return entries.stream().filter(entry -> name.equals(entry.get("event"))).findFirst();
  }

  /** {@code run}, {@code dry run}, {@code resume} or {@code undo}. */
  public String kind() {
    return event("started")
        .map(start -> String.valueOf(start.getOrDefault("kind", "run")).replace('_', ' '))
        .orElse("run");
  }

  /** The run that this one goes on from, or takes back. */
  public Optional<String> continues() {
    return event("started").map(start -> (String) start.get("continues"));
  }

  /** The runs that this one goes on from, the first of them first; of one that is gone, none. */
  public List<PastRun> before(State state) {
    List<PastRun> result = new ArrayList<>();
    Optional<String> id = continues();
    while (id.isPresent() && Files.exists(state.runs().resolve(id.get() + ".jsonl"))) {
      result.addFirst(find(state, id.get()));
      id = result.getFirst().continues();
    }
    return result;
  }

  /** The runs that went on from this one, or took it back, in their order. */
  public List<PastRun> after(State state) {
    return files(state).reversed().stream()
        .filter(file -> file.getFileName().toString().compareTo(id + ".jsonl") > 0)
        .filter(file -> begins(file, id))
        .map(PastRun::read)
        .toList();
  }

  /** Only the first line is read: there may be years of journals. */
  private static boolean begins(Path file, String continues) {
    try (BufferedReader lines = reader(file)) {
      return Optional.ofNullable(lines.readLine())
          .flatMap(PastRun::parse)
          .filter(start -> continues.equals(start.get("continues")))
          .isPresent();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /**
   * {@code done}, {@code failed} …, or {@code running}, or {@code interrupted} when its process is
   * gone.
   */
  public String outcome() {
    Optional<Map<String, Object>> end = event("ended");
    if (end.isPresent()) {
      return String.valueOf(end.get().get("exit"));
    }
    return event("started").map(start -> (Number) start.get("pid")).filter(this::alive).isPresent()
        ? "running"
        : "interrupted";
  }

  private boolean alive(Number pid) {
    return ProcessHandle.of(pid.longValue()).filter(ProcessHandle::isAlive).isPresent();
  }

  private static List<Path> files(State state) {
    try (Stream<Path> files = Files.list(state.runs())) {
      return files
          .filter(file -> file.toString().endsWith(".jsonl"))
          .sorted(Comparator.comparing((Path file) -> file.getFileName().toString()).reversed())
          .toList();
    } catch (NoSuchFileException e) {
      return List.of(); // nothing was run yet
    } catch (IOException e) {
      throw unreadable(state.runs(), e);
    }
  }

  private static Problem unreadable(Path what, IOException e) {
    return Problem.usage("cannot read the journals in \"" + what + "\": " + e)
        .hint("Is it yours, and is $PGRUNBOOK_STATE the folder that you mean?")
        .because(e);
  }

  private static PastRun read(Path file) {
    List<Map<String, Object>> entries = new ArrayList<>();
    try (BufferedReader lines = reader(file)) {
      lines.lines().forEach(line -> parse(line).ifPresent(entries::add));
    } catch (IOException e) {
      throw unreadable(file, e);
    } catch (UncheckedIOException e) {
      throw unreadable(file, e.getCause());
    }
    return new PastRun(file.getFileName().toString().replace(".jsonl", ""), List.copyOf(entries));
  }

  /** A letter may be torn as a line may. */
  private static BufferedReader reader(Path file) throws IOException {
    return new BufferedReader(
        new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8));
  }

  private static Optional<Map<String, Object>> parse(String line) {
    try {
      return Optional.of(Json.object(line));
    } catch (IOException e) {
      return Optional.empty(); // the process died while writing it
    }
  }
}
