package org.pgrunbook.backup;

import java.util.Optional;

/**
 * What becomes one object of a backup.
 *
 * @param folder where the files lie
 * @param chunk the files
 * @param key of the object, relative to the backup
 * @param before the same files as an interrupted backup has stored them, perhaps
 */
record Part(String folder, Chunk chunk, String key, Optional<Before> before) {
  /**
   * An archive that an interrupted backup has stored.
   *
   * @param key its whole key
   * @param archive what it holds
   */
  record Before(String key, Manifest.Archive archive) {}
}
