package org.pgrunbook.backup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgrunbook.journal.Json;
import org.pgrunbook.journal.JsonReader;
import org.pgrunbook.store.Store;

/** The results of rehearsals in a repository; ids of runs sort as the runs began. */
final class Rehearsals {
  static final String FOLDER = "rehearsals/";
  private static final String SUFFIX = ".json";

  private final Repository repository;

  Rehearsals(Repository repository) {
    this.repository = repository;
  }

  /** Writes a result; one that is there already stays: what failed after it is no part of it. */
  void record(Rehearsal rehearsal) {
    String key = prefix(rehearsal.backup()) + rehearsal.run() + SUFFIX;
    repository.store().putIfAbsent(key, Json.pretty(rehearsal).getBytes(StandardCharsets.UTF_8));
  }

  /** The last rehearsal of each backup that ever had one. */
  Map<String, Rehearsal> last() {
    String prefix = repository.key(FOLDER);
    Map<String, String> keys = new LinkedHashMap<>();
    repository
        .store()
        .list(prefix)
        .map(Store.Listed::key)
        .filter(key -> key.endsWith(SUFFIX))
        .forEach(key -> keys.put(key.substring(prefix.length()).replaceFirst("/.*", ""), key));
    Map<String, Rehearsal> last = new LinkedHashMap<>();
    keys.forEach((backup, key) -> read(key).ifPresent(it -> last.put(backup, it)));
    return last;
  }

  /** The keys of all results of a backup. */
  List<String> keys(String backup) {
    return repository.store().list(prefix(backup)).map(Store.Listed::key).toList();
  }

  private Optional<Rehearsal> read(String key) {
    try {
      String text = new String(repository.store().get(key), StandardCharsets.UTF_8);
      return Optional.of(JsonReader.read(Rehearsal.class, text))
          .filter(it -> it.format() <= Rehearsal.FORMAT);
    } catch (IOException e) {
      repository.cluster().run().journal().warn("rehearsal \"" + key + "\" cannot be read");
      return Optional.empty();
    }
  }

  private String prefix(String backup) {
    return repository.key(FOLDER + backup + "/");
  }
}
