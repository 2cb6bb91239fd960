package org.pgrunbook.store;

import java.io.InputStream;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A place for objects under keys such as {@code wal/00000001/000000010000000000000003.zst}: an S3
 * bucket and prefix, or a directory. Every request is an operation of the run: journalled,
 * redacted, timed.
 */
public interface Store extends AutoCloseable {

  /**
   * What was stored: hashed by us from the bytes that were sent.
   *
   * @param key the object's key
   * @param size bytes
   * @param sha256 hexadecimal digits
   */
  record Stored(String key, long size, String sha256) {}

  /** An object as a listing shows it. */
  record Listed(String key, long size, java.time.Instant modified) {}

  /**
   * Stores a stream of unknown length in constant memory; an object of that key is replaced. When
   * the stream fails, nothing is stored and no upload is left behind.
   */
  Stored put(String key, InputStream content);

  /**
   * Stores only if there is no object of that key yet.
   *
   * @return what was stored; empty if an object was already there, which is untouched
   */
  Optional<Stored> putIfAbsent(String key, byte[] content);

  /**
   * Reads an object as a stream.
   *
   * @throws org.pgrunbook.Problem with exit 1 if there is none
   */
  InputStream get(String key);

  /** What a listing would say of one object. */
  Optional<Listed> find(String key);

  /** All objects whose key begins with the prefix, in the order of their keys. */
  Stream<Listed> list(String prefix);

  /** Deletes an object; that there is none is no error. */
  void delete(String key);

  /**
   * Makes sure that the store is there and lets us in: exit 5 for wrong credentials or a missing
   * bucket.
   */
  void probe();

  @Override
  void close();
}
