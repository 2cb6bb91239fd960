package org.pgrunbook.backup;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.pgrunbook.Problem;
import org.pgrunbook.Time;
import org.pgrunbook.journal.Json;
import org.pgrunbook.postgres.Node;

/**
 * An attempt at a backup. It has a folder of its own, which nobody else ever writes into, also not
 * when it is interrupted and tried again; and it keeps notes of the archives that it has stored, by
 * which the next attempt may take them over (P15). The notes are gone once the backup exists.
 */
final class Attempt {
  /** What an attempt has besides the objects of the backup. */
  static final String NOTES = "attempt/";

  private static final String BEGUN = NOTES + "begun.json";
  private static final Duration NEXT_ID = Duration.ofSeconds(1);
  private static final int TRIES = 10;

  private static final DateTimeFormatter ID =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  /** Who takes it, for whoever finds it unfinished. */
  private record Begun(String run, String node, Instant since) {}

  /**
   * What is known of a stored archive.
   *
   * @param pack the command that compressed it
   * @param archive what it holds, and its sum
   */
  record Note(String pack, Manifest.Archive archive) {}

  private final Repository repository;
  private final String id;

  private Attempt(Repository repository, String id) {
    this.repository = repository;
    this.id = id;
  }

  /** Takes an id that nobody has, here or on another machine (P21, P22). */
  static Attempt begin(Repository repository, Node node) {
    Time time = node.run().time();
    for (int left = TRIES; left > 0; left--) {
      String id = nextId(time.now(), repository);
      byte[] begun =
          Json.pretty(new Begun(node.run().id(), node.fullName(), time.now()))
              .getBytes(StandardCharsets.UTF_8);
      if (repository.store().putIfAbsent(repository.backupKey(id, BEGUN), begun).isPresent()) {
        return new Attempt(repository, id);
      }
      time.sleep(NEXT_ID);
    }
    throw Problem.failed("others begin a backup of \"" + repository.cluster() + "\" each second")
        .hint("Look for what starts them; one each night is usual.");
  }

  /** Ids come from the clock, so one that does not rise says that the clock is wrong (P22). */
  static String nextId(Instant now, Repository repository) {
    String id = ID.format(now) + "-full";
    repository.ids().stream()
        .filter(other -> other.compareTo(id) >= 0)
        .findFirst()
        .ifPresent(
            other -> {
              throw Problem.refused(
                      "backup \"" + other + "\" is not older than now, \"" + id + "\"")
                  .hint("Is there clock skew between this machine and the one that took it?")
                  .state("nothing was changed");
            });
    return id;
  }

  String id() {
    return id;
  }

  /** The whole key of an object of the backup. */
  String key(String name) {
    return repository.backupKey(id, name);
  }

  /** Writes down that an archive is stored, after it is. */
  void note(String pack, Manifest.Archive archive) {
    byte[] text = Json.line(new Note(pack, archive)).getBytes(StandardCharsets.UTF_8);
    repository.store().put(key(noteName(archive.key())), new ByteArrayInputStream(text));
  }

  static String noteName(String archive) {
    return NOTES + archive + ".json";
  }
}
