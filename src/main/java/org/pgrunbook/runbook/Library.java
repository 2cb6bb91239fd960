package org.pgrunbook.runbook;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.pgrunbook.Nearest;
import org.pgrunbook.Problem;

/**
 * Where runbooks are found: {@code ./runbooks} first, then the shipped ones, so that a copy of
 * one's own replaces a shipped one of the same name.
 *
 * @param folders the folders in the order of precedence
 */
public record Library(List<Path> folders) {
  private static final String SUFFIX = ".groovy";

  /** The runbooks of the working folder and the shipped ones. */
  public static Library of(Path workingFolder, Path home) {
    return new Library(
        Stream.of(workingFolder.resolve("runbooks"), home.resolve("runbooks"))
            .map(folder -> folder.toAbsolutePath().normalize())
            .distinct()
            .filter(Files::isDirectory)
            .toList());
  }

  /** All runbooks by name. */
  public Map<String, Source> all() {
    Map<String, Source> all = new TreeMap<>();
    files().forEach((name, file) -> all.put(name, Source.read(name, file)));
    return all;
  }

  private Map<String, Path> files() {
    Map<String, Path> found = new TreeMap<>();
    for (Path folder : folders) {
      try (Stream<Path> files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
        files
            .filter(file -> file.toString().endsWith(SUFFIX))
            .forEach(file -> found.putIfAbsent(name(folder, file), file));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return found;
  }

  /**
   * The runbook of that name, or at that path.
   *
   * @throws Problem with exit 2 if there is none
   */
  public Source find(String nameOrPath) {
    Path path = Path.of(nameOrPath);
    if (nameOrPath.endsWith(SUFFIX) && Files.isRegularFile(path)) {
      return Source.read(nameOrPath, path.toAbsolutePath().normalize());
    }
    return folders.stream()
        .map(folder -> folder.resolve(nameOrPath + SUFFIX))
        .filter(Files::isRegularFile)
        .findFirst()
        .map(file -> Source.read(nameOrPath, file))
        .orElseThrow(
            () -> {
              Problem problem = Problem.usage("there is no runbook \"" + nameOrPath + "\"");
              meant(nameOrPath).ifPresent(name -> problem.hint("Did you mean \"" + name + "\"?"));
              return problem.hint("The command 'pgrunbook list' shows all of them.");
            });
  }

  /** The runbook of nearly that name, or whose last part is nearly that. */
  private Optional<String> meant(String given) {
    List<String> names = names();
    return Nearest.to(given, names)
        .or(
            () ->
                Nearest.to(last(given), names.stream().map(Library::last).toList())
                    .flatMap(
                        near ->
                            names.stream().filter(name -> last(name).equals(near)).findFirst()));
  }

  private static String last(String name) {
    return name.substring(name.lastIndexOf('/') + 1);
  }

  /** The names of all runbooks, in order; nothing of them is read. */
  public List<String> names() {
    return List.copyOf(files().keySet());
  }

  private static String name(Path folder, Path file) {
    String relative = folder.relativize(file).toString();
    return relative.substring(0, relative.length() - SUFFIX.length());
  }
}
