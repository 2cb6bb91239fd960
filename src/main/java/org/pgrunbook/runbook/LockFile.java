package org.pgrunbook.runbook;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Json;
import org.pgrunbook.journal.Run;
import org.pgrunbook.journal.State;
import org.pgrunbook.postgres.Lock;

/**
 * A lock between the processes of one machine: the operating system's lock on a file that says who
 * holds it. When the holder dies the lock is gone with it, so it can never be stale.
 */
final class LockFile implements AutoCloseable {
  private final Lock lock;
  private final FileChannel channel;
  private final FileLock held;

  private LockFile(Lock lock, FileChannel channel, FileLock held) {
    this.lock = lock;
    this.channel = channel;
    this.held = held;
  }

  /**
   * Takes the lock.
   *
   * @throws Problem with exit 4 that names the holder
   */
  static LockFile take(State state, Lock lock, Run run, String user, String host) {
    Path file = state.locks().resolve(lock + ".lock");
    try {
      Files.createDirectories(file.getParent());
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      FileLock held = tryLock(channel);
      if (held == null) {
        channel.close();
        throw taken(lock, file);
      }
      Map<String, Object> holder =
          Map.of(
              "run", run.id(),
              "user", user,
              "host", host,
              "pid", ProcessHandle.current().pid(),
              "since", run.time().now());
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(Json.line(holder).getBytes(StandardCharsets.UTF_8)), 0);
      channel.force(true);
      return new LockFile(lock, channel, held);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The problem that taking it would be; empty if it is free. Leaves everything as it is. */
  static Optional<Problem> holder(State state, Lock lock) {
    Path file = state.locks().resolve(lock + ".lock");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock free = tryLock(channel)) {
      return free == null ? Optional.of(taken(lock, file)) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Lock lock() {
    return lock;
  }

  /** Whether it is still ours. */
  boolean isHeld() {
    return held.isValid();
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // another run of this very process
    }
  }

  private static Problem taken(Lock lock, Path file) throws IOException {
    Map<String, Object> holder;
    try {
      holder = Json.object(Files.readString(file));
    } catch (IOException e) {
      holder = Map.of(); // the holder is just writing it
    }
    return Problem.locked(
            "lock \"%s\" is held by run %s of %s on %s (process %s) since %s"
                .formatted(
                    lock,
                    holder.get("run"),
                    holder.get("user"),
                    holder.get("host"),
                    holder.get("pid"),
                    holder.get("since")))
        .hint("The command 'pgrunbook log " + holder.get("run") + "' shows what that run is doing.")
        .state("nothing was changed");
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
