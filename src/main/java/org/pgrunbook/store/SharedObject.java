package org.pgrunbook.store;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.pgrunbook.Problem;
import org.pgrunbook.Secrets;
import org.pgrunbook.Time;
import org.pgrunbook.inventory.RepositorySpec;

/**
 * A small object of a repository that several machines write in turn, such as a lock: each writing
 * names what it replaces, and of two at once one is done.
 *
 * <p>Its requests are no operations of a run: they change nothing that a run works on, and a lock
 * is renewed every few seconds. Nobody waits long for them; a store that does not answer within 10
 * s counts as out of reach.
 */
public final class SharedObject implements AutoCloseable {
  /**
   * What was read.
   *
   * @param text the content
   * @param mark differs for each writing
   */
  public record Content(String text, String mark) {}

  private final Backend backend;
  private final String key;

  SharedObject(Backend backend, String key) {
    this.backend = backend;
    this.key = key;
  }

  /** The object of that key; nothing is connected yet. */
  public static SharedObject open(
      RepositorySpec repository, String key, Time time, Secrets secrets) {
    Backend backend =
        switch (repository.place()) {
          case RepositorySpec.S3 s3 -> new Bucket(s3, time, secrets, Patience.BRIEF);
          case RepositorySpec.Directory directory -> new Folder(directory.path());
        };
    return new SharedObject(backend, Keys.checked(key));
  }

  /**
   * What it is at this moment; empty if there is none.
   *
   * @throws Problem with exit 5 if the store cannot be reached or does not let us in
   */
  public Optional<Content> read() {
    return told(() -> backend.read(key));
  }

  /**
   * Writes it in place of what was read.
   *
   * @param text unlike any before it: each writing has to differ
   * @return false if it is something else by now, which is untouched
   * @throws Problem as {@link #read()} does; whether it was written is unknown then
   */
  public boolean write(String text, Optional<Content> instead) {
    return told(() -> backend.swap(key, text, instead.map(Content::mark)));
  }

  private <T> T told(Callable<T> request) {
    try {
      return request.call();
    } catch (Problem e) {
      throw e;
    } catch (Exception e) {
      throw backend.explain(e);
    }
  }

  @Override
  public void close() {
    backend.close();
  }
}
