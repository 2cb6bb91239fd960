package org.pgrunbook.store;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A small object in a directory that several machines write in turn. No file system replaces a file
 * only if it still is what one has read; but each makes a new name only once, also over NFS. So
 * each writing is a file of its own, {@code roles.json.000000000007}, and the highest number
 * counts.
 *
 * @param object the path of the object, of which no file is
 */
record Generations(Path object) {

  /** What was written last. */
  Optional<SharedObject.Content> read(Runnable probe) throws IOException {
    while (true) {
      long last = last();
      if (last == 0) {
        probe.run();
        return Optional.empty();
      }
      try {
        return Optional.of(
            new SharedObject.Content(Files.readString(file(last)), String.valueOf(last)));
      } catch (NoSuchFileException e) {
        // Replaced between the two.
      }
    }
  }

  /** Makes a draft the newest one, if the newest is the one that was read; else leaves it. */
  boolean add(Path draft, Optional<String> read) throws IOException {
    long before = read.map(Long::valueOf).orElse(0L);
    long own = before + 1;
    if (last() != before) {
      return false;
    }
    try {
      Files.createLink(file(own), draft);
    } catch (FileAlreadyExistsException e) {
      return false;
    }
    if (last() != own) {
      // Others went on meanwhile, and have removed the name that was free for us.
      Files.deleteIfExists(file(own));
      return false;
    }
    for (long number : numbers()) {
      if (number < own) {
        Files.deleteIfExists(file(number));
      }
    }
    return true;
  }

  private long last() throws IOException {
    return numbers().stream().max(Long::compare).orElse(0L);
  }

  private List<Long> numbers() throws IOException {
    String prefix = object.getFileName() + ".";
    try (Stream<Path> files = Files.list(object.getParent())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(prefix))
          .map(name -> name.substring(prefix.length()))
          .filter(number -> number.matches("\\d{12}"))
          .map(Long::valueOf)
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  private Path file(long number) {
    return object.resolveSibling(
        String.format(Locale.ROOT, "%s.%012d", object.getFileName(), number));
  }
}
