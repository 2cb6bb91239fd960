package org.pgrunbook.store;

import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgrunbook.Changes;
import org.pgrunbook.inventory.RepositorySpec;
import org.pgrunbook.journal.Run;

/**
 * A place for objects under keys such as {@code wal/00000001/000000010000000000000003.zst}: an S3
 * bucket and prefix, or a directory. Every request is an operation of the run: journalled,
 * redacted, timed.
 *
 * <p>What is stored is durable and whole when the call returns, and its size has been asked of the
 * store again: an upload whose answer was lost, or that only seemed to succeed, is not reported as
 * done. May be used by several threads.
 *
 * <p>All methods throw {@link org.pgrunbook.Problem}: exit 5 if the store cannot be reached, does
 * not let us in or is not there; exit 3 for a key that would leave the repository.
 */
public interface Store extends AutoCloseable {

  /** The longest object that can be copied, which is S3's limit: 5 GiB. */
  long LARGEST_COPY = 5L << 30;

  /**
   * What was stored: hashed by us from the bytes that were sent.
   *
   * @param key the object's key
   * @param size bytes; 0 if only a dry run described it
   * @param sha256 hexadecimal digits; empty if only a dry run described it
   */
  record Stored(String key, long size, String sha256) {}

  /**
   * An object as a listing shows it.
   *
   * @param key the object's key
   * @param size bytes
   * @param modified when it was stored, by the store's clock
   */
  record Listed(String key, long size, Instant modified) {}

  /** What is done with an object's content while the connection is open. */
  @FunctionalInterface
  interface Reading<T> {
    /** Reads as much as it likes; the stream is closed afterwards and never ends short. */
    T from(InputStream content) throws Exception;
  }

  /**
   * For verbs: opens a repository. Nothing is connected yet: {@link #probe()} or the first request
   * does.
   *
   * @param run through whose means every request goes
   */
  static Store open(RepositorySpec repository, Run run) {
    Backend backend =
        switch (repository.place()) {
          case RepositorySpec.S3 s3 -> new Bucket(s3, run.time(), run.secrets(), Patience.USUAL);
          case RepositorySpec.Directory directory -> new Folder(directory.path());
        };
    return new JournalledStore(repository.name(), run, backend);
  }

  /**
   * Stores a stream of unknown length in constant memory; an object of that key is replaced. When
   * the stream fails, nothing is stored and no upload is left behind.
   *
   * <p>An object in S3 can have 492 GiB; a longer stream fails.
   */
  @Changes
  Stored put(String key, InputStream content);

  /**
   * Stores only if there is no object of that key yet; of two that try at once, one stores.
   *
   * @return what was stored; empty if an object was already there, which is untouched
   */
  @Changes
  Optional<Stored> putIfAbsent(String key, InputStream content);

  /** As {@link #putIfAbsent(String, InputStream)}, of what is small. */
  @Changes
  Optional<Stored> putIfAbsent(String key, byte[] content);

  /**
   * Copies an object within the store, where it stays as it is; nothing of it travels. An object of
   * the other key is replaced.
   *
   * @param size bytes that it is known to have, 5 GiB at most; another size fails
   */
  @Changes
  void copy(String from, String to, long size);

  /**
   * Reads an object; one operation covers the whole reading. A connection that breaks is taken up
   * again where it broke; if that fails the stream throws, and never ends short.
   *
   * @return what the reading returned
   * @throws org.pgrunbook.Problem with exit 1 if there is none
   */
  <T> T get(String key, Reading<T> reading);

  /** A small object as a whole, such as a manifest or a lock. */
  default byte[] get(String key) {
    return get(key, InputStream::readAllBytes);
  }

  /** What a listing would say of one object. */
  Optional<Listed> find(String key);

  /**
   * All objects whose key begins with the prefix, in the order of their keys' UTF-8 bytes. Further
   * pages are asked for as the stream is consumed, each an operation of its own.
   */
  Stream<Listed> list(String prefix);

  /** Deletes an object; that there is none is no error. */
  @Changes
  void delete(String key);

  /**
   * Deletes objects, in batches of 1,000 in the order given.
   *
   * @throws org.pgrunbook.Problem with exit 1 naming those that the store refused to delete
   */
  @Changes
  void deleteAll(Collection<String> keys);

  /**
   * Makes sure that the store is there and lets us in: exit 5 for wrong credentials or a missing
   * bucket.
   */
  void probe();

  @Override
  void close();
}
