package org.pgrunbook.backup;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.pgrunbook.journal.Json;
import org.pgrunbook.journal.JsonReader;

/** The holds of a repository. */
final class Holds {
  private static final String SUFFIX = ".json";

  private final Repository repository;

  Holds(Repository repository) {
    this.repository = repository;
  }

  /** The hold of a backup, if it is in force now. */
  Optional<Hold> of(String id) {
    String key = key(id);
    if (repository.store().find(key).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(read(id, key)).filter(hold -> hold.isActive(now()));
  }

  void put(String id, String reason, Optional<Instant> until, boolean laterWal) {
    Hold hold =
        new Hold(
            Hold.FORMAT,
            id,
            reason,
            until,
            laterWal ? Optional.of(true) : Optional.empty(),
            now(),
            repository.cluster().run().id());
    byte[] json = Json.pretty(hold).getBytes(StandardCharsets.UTF_8);
    repository.store().put(key(id), new ByteArrayInputStream(json));
  }

  void delete(String id) {
    repository.store().delete(key(id));
  }

  /** What cannot be read holds for ever: it was laid for some reason. */
  private Hold read(String id, String key) {
    String text = new String(repository.store().get(key), StandardCharsets.UTF_8);
    try {
      return JsonReader.read(Hold.class, text);
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      repository.cluster().run().journal().warn("hold \"" + key + "\" cannot be read, so it holds");
      // Nobody knows what it was to keep, so it keeps all that it may have.
      return new Hold(
          Hold.FORMAT, id, "cannot be read", Optional.empty(), Optional.of(true), now(), "");
    }
  }

  private Instant now() {
    return repository.cluster().run().time().now();
  }

  private String key(String id) {
    return repository.key("holds/" + id + SUFFIX);
  }
}
