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
import java.util.Optional;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.State;
import org.pgrunbook.postgres.Lock;

/**
 * A lock between the processes of one machine: the operating system's lock on a file that says who
 * holds it. When the holder dies the lock is gone with it, so it can never be stale.
 */
final class LockFile implements AutoCloseable {
  private final FileLock held;

  private LockFile(FileLock held) {
    this.held = held;
  }

  /**
   * Takes the lock.
   *
   * @throws Problem with exit 4 that names the holder
   */
  static LockFile take(State state, Lock lock, Holder mine) {
    Path file = state.locks().resolve(lock + ".lock");
    try {
      Files.createDirectories(file.getParent());
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      FileLock held = tryLock(channel);
      if (held == null) {
        channel.close();
        throw inTheWay(read(lock, file));
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(mine.json().getBytes(StandardCharsets.UTF_8)), 0);
      channel.force(true);
      return new LockFile(held);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Who holds it; empty if it is free. Leaves everything as it is. */
  static Optional<Holder> holder(State state, Lock lock) {
    Path file = state.locks().resolve(lock + ".lock");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock free = tryLock(channel)) {
      return free == null ? Optional.of(read(lock, file)) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** That somebody on this machine holds it. */
  static Problem inTheWay(Holder holder) {
    return holder
        .taken()
        .hint("The command 'pgrunbook log " + holder.run() + "' shows what that run is doing.");
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // another run of this very process
    }
  }

  private static Holder read(Lock lock, Path file) {
    try {
      return Holder.read(Files.readString(file));
    } catch (IOException e) {
      throw Problem.locked("lock \"" + lock + "\" is just being taken by another run here")
          .because(e);
    }
  }

  @Override
  public void close() {
    try {
      held.acquiredBy().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
