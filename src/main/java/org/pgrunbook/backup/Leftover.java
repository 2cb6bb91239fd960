package org.pgrunbook.backup;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.pgrunbook.journal.JsonReader;
import org.pgrunbook.store.Store;

/**
 * An archive of a backup that was interrupted: whole, for what is known of it is written only once
 * it is stored.
 *
 * @param backup the id of that backup
 * @param object the archive itself
 * @param note the key of what is known of it
 */
record Leftover(String backup, Store.Listed object, String note) {

  /** All that there are, those of the newest backup first. */
  static List<Leftover> list(Repository repository) {
    String prefix = repository.key("backups/");
    Set<String> committed = Set.copyOf(repository.ids());
    Map<String, Map<String, Store.Listed>> folders = new TreeMap<>(Comparator.reverseOrder());
    repository
        .store()
        .list(prefix)
        .forEach(
            object -> {
              String[] idAndName = object.key().substring(prefix.length()).split("/", 2);
              if (!committed.contains(idAndName[0])) {
                folders
                    .computeIfAbsent(idAndName[0], id -> new LinkedHashMap<>())
                    .put(idAndName[1], object);
              }
            });
    List<Leftover> left = new ArrayList<>();
    folders.forEach(
        (id, objects) ->
            objects.forEach(
                (name, object) ->
                    Optional.ofNullable(objects.get(Attempt.noteName(name)))
                        .map(note -> new Leftover(id, object, note.key()))
                        .ifPresent(left::add)));
    return left;
  }

  /** What is known of it; empty if that cannot be read, or was made in another way. */
  Optional<Manifest.Archive> read(Repository repository, String pack) {
    try {
      String text =
          new String(repository.store().get(note), java.nio.charset.StandardCharsets.UTF_8);
      Attempt.Note known = JsonReader.read(Attempt.Note.class, text);
      return Optional.of(known.archive())
          .filter(it -> known.pack().equals(pack) && it.size() == object.size());
    } catch (IOException e) {
      repository
          .cluster()
          .run()
          .journal()
          .warn("\"%s\" is sent again: what is known of it cannot be read".formatted(object.key()));
      return Optional.empty();
    }
  }
}
