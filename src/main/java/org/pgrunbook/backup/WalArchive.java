package org.pgrunbook.backup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.TimelineHistory;
import org.pgrunbook.postgres.WalFile;
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

  /** Where a file of that name is kept; a name begins with its timeline. */
  String key(String name, Compression compression) {
    String suffix = name.endsWith(".history") ? "" : compression.suffix();
    return prefix + name.substring(0, 8) + "/" + name + suffix;
  }

  /** Where a file is, whatever it is compressed with. */
  Optional<Store.Listed> find(String name) {
    return store
        .list(prefix + name.substring(0, 8) + "/" + name)
        .filter(object -> name(object).equals(name))
        .findFirst();
  }

  /** The segments of a timeline by name, with their objects. */
  NavigableMap<String, Store.Listed> segments(int timeline) {
    NavigableMap<String, Store.Listed> result = new TreeMap<>();
    store
        .list(prefix + "%08X/".formatted(timeline))
        .forEach(
            object -> {
              String name = name(object);
              if (WalFile.of(name)
                  .filter(file -> file.kind() == WalFile.Kind.SEGMENT)
                  .isPresent()) {
                result.put(name, object);
              }
            });
    return result;
  }

  /** The file's own name: without folders, and without what it is compressed with. */
  private String name(Store.Listed object) {
    return object.key().substring(prefix.length() + 9).replaceFirst("\\.(zst|gz)$", "");
  }

  /** Lets a reader read a segment. */
  WalReader.Reading read(WalSegment segment, WalReader reader) {
    String key = find(segment.name()).orElseThrow(() -> missing(segment.name())).key();
    return store.get(
        key,
        in -> {
          try (InputStream plain = Unpacking.of(key, in)) {
            return reader.read(segment, plain);
          } catch (IOException e) {
            throw Problem.failed("WAL segment \"" + key + "\" is damaged: " + e.getMessage())
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
    NavigableMap<Integer, NavigableMap<String, Store.Listed>> known = new TreeMap<>();
    List<WalSegment> missing = new ArrayList<>();
    for (WalSegment segment : wanted) {
      var there = known.computeIfAbsent(segment.timeline(), this::segments);
      if (!there.containsKey(segment.name())) {
        missing.add(segment);
      }
    }
    return missing;
  }

  /** The history of a timeline; that of the first is not written down. */
  public TimelineHistory history(int timeline) {
    if (timeline == 1) {
      return TimelineHistory.first(1);
    }
    String name = "%08X.history".formatted(timeline);
    byte[] text = store.get(find(name).orElseThrow(() -> missing(name)).key());
    return TimelineHistory.parse(timeline, new String(text, StandardCharsets.UTF_8));
  }

  /** All timelines that have a history or a segment here, the oldest first. */
  public List<Integer> timelines() {
    return store
        .list(prefix)
        .map(object -> object.key().substring(prefix.length()))
        .map(key -> Integer.parseUnsignedInt(key.substring(0, 8), 16))
        .distinct()
        .sorted()
        .toList();
  }
}
