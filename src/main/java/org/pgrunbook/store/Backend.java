package org.pgrunbook.store;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.pgrunbook.Problem;

/** Where the bytes go: what differs between S3 and a directory, and nothing else. */
interface Backend extends AutoCloseable {

  /** The most keys of one {@link #delete(List)}, which is S3's limit. */
  int BATCH = 1_000;

  /** An open object: its stream and how many bytes it must yield. */
  record Content(InputStream stream, long size) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      stream.close();
    }
  }

  /** A part of a listing, and what to ask for the next part with. */
  record Page(List<Store.Listed> objects, Optional<String> next) {}

  /**
   * Stores all of the content or nothing.
   *
   * @return false if an object was there already and must not be replaced
   */
  boolean put(String key, InputStream content, boolean replace) throws IOException;

  /** A small object as it is at this moment. */
  Optional<SharedObject.Content> read(String key) throws IOException;

  /**
   * Stores a small object in place of what was read, in one act: of two that try at once, one does.
   *
   * @param text unlike any before it, so that its own mark is never that of another
   * @param mark of what it replaces; empty: there must be none
   * @return false if there is something else by now, which is untouched
   */
  boolean swap(String key, String text, Optional<String> mark) throws IOException;

  /** Copies an object as a whole, and replaces what is there. */
  void copy(String from, String to) throws IOException;

  /** Opens an object; throws a {@link Problem} if there is none. */
  Content open(String key) throws IOException;

  Optional<Store.Listed> find(String key) throws IOException;

  Page page(String prefix, Optional<String> from) throws IOException;

  /** Deletes up to {@link #BATCH} objects, and says why for each key that it could not. */
  List<String> delete(List<String> keys) throws IOException;

  void probe() throws IOException;

  /** What an operator should hear of a failure of this backend. */
  Problem explain(Exception failure);

  /** What an operator should hear of a key without an object. */
  static Problem missing(String key) {
    return Problem.failed("object \"" + key + "\" does not exist");
  }

  @Override
  void close();
}
