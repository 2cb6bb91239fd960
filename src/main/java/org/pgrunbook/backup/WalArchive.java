package org.pgrunbook.backup;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pgrunbook.Problem;
import org.pgrunbook.Sha256;
import org.pgrunbook.postgres.TimelineHistory;
import org.pgrunbook.postgres.WalReader;
import org.pgrunbook.postgres.WalSegment;
import org.pgrunbook.store.Store;

/**
 * The WAL of a database system in the repository: {@code wal/TIMELINE/SEGMENT.zst}, the history
 * files beside them. Never overwritten.
 */
public final class WalArchive {
  private final Store store;
  private final String prefix;

  WalArchive(Store store, String prefix) {
    this.store = store;
    this.prefix = prefix;
  }

  /**
   * Where a file of that name is kept; a name begins with its timeline. Histories are compressed as
   * well, for the checksum that this gives them.
   */
  String key(String name, Compression compression) {
    return prefix + name.substring(0, 8) + "/" + name + compression.suffix();
  }

  /** The objects of the archive whose keys begin so. */
  Stream<Store.Listed> list(String start) {
    return store.list(prefix + start);
  }

  /** All that is there now, by one listing. */
  WalIndex index() {
    return new WalIndex(this);
  }

  /** Where a file is, whatever it is compressed with. */
  Optional<Store.Listed> find(String name) {
    return list(name.substring(0, 8) + "/" + name)
        .filter(object -> name(object).equals(name))
        .findFirst();
  }

  /** Which of these are there, by one listing for each timeline among them. */
  Set<String> there(List<String> names) {
    Map<String, List<String>> byTimeline =
        names.stream().sorted().collect(Collectors.groupingBy(name -> name.substring(0, 8)));
    return byTimeline.entrySet().stream()
        .flatMap(alike -> list(alike.getKey() + "/" + commonStart(alike.getValue())))
        .map(this::name)
        .filter(Set.copyOf(names)::contains)
        .collect(Collectors.toSet());
  }

  private static String commonStart(List<String> sorted) {
    String first = sorted.getFirst();
    int end = Arrays.mismatch(first.toCharArray(), sorted.getLast().toCharArray());
    return end < 0 ? first : first.substring(0, end);
  }

  /** The file's own name: without folders, and without what it is compressed with. */
  String name(Store.Listed object) {
    return object.key().substring(prefix.length() + 9).replaceFirst("\\.(zst|gz)$", "");
  }

  /** Lets a reader read a segment. */
  WalReader.Reading read(WalSegment segment, WalReader reader) {
    return open(segment.name(), plain -> reader.read(segment, plain));
  }

  /**
   * Lets a reader read a segment, and reads what follows the end of its WAL: only the whole object
   * tells whether it is damaged.
   */
  WalReader.Reading readWhole(WalSegment segment, WalReader reader) {
    return open(
        segment.name(),
        plain -> {
          WalReader.Reading reading = reader.read(segment, plain);
          plain.transferTo(OutputStream.nullOutputStream());
          return reading;
        });
  }

  /** The SHA-256 of a file as it was before it was compressed. */
  String sha256(String name) {
    return open(name, plain -> new Sha256(plain).ofAll());
  }

  private <T> T open(String name, Store.Reading<T> reading) {
    String key = find(name).orElseThrow(() -> missing(name)).key();
    return store.get(
        key,
        in -> {
          try (InputStream plain = Unpacking.of(key, in)) {
            return reading.from(plain);
          } catch (IOException e) {
            throw Problem.failed("WAL file \"" + key + "\" is damaged: " + e.getMessage())
                .because(e);
          }
        });
  }

  private static Problem missing(String name) {
    return Problem.refused("\"" + name + "\" is missing in the repository")
        .hint("Look for it in pg_wal and in the spool of each node, and ship it.")
        .state("nothing was changed");
  }

  /** Those of the given segments that are missing. */
  public List<WalSegment> missing(List<WalSegment> wanted) {
    return index().missing(wanted);
  }

  /** The history of a timeline; that of the first is not written down. */
  public TimelineHistory history(int timeline) {
    if (timeline == 1) {
      return TimelineHistory.first(1);
    }
    String name = "%08X.history".formatted(timeline);
    byte[] text = open(name, InputStream::readAllBytes);
    return TimelineHistory.parse(timeline, new String(text, StandardCharsets.UTF_8));
  }

  /** All timelines that have a history or a segment here, the oldest first. */
  public List<Integer> timelines() {
    return index().timelines();
  }
}
