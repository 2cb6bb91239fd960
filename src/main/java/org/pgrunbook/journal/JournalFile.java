package org.pgrunbook.journal;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.pgrunbook.Problem;

/**
 * The journal of one run on disk: JSON lines, only appended to, readable only by its owner. Each
 * event is with the operating system before the run goes on; a durable one is on the disk.
 */
public final class JournalFile implements Listener, AutoCloseable {
  /** No channel: that would close when a thread which writes to it has been interrupted. */
  private final FileOutputStream out;

  /** Begins the journal of a run. */
  public JournalFile(Path file) {
    try {
      Files.createDirectories(
          file.getParent(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      out = new FileOutputStream(file.toFile(), true);
      try (FileChannel folder = FileChannel.open(file.getParent())) {
        folder.force(true);
      }
    } catch (IOException e) {
      throw Problem.usage("cannot write the journal \"" + file + "\"")
          .hint("Set $PGRUNBOOK_STATE to a folder that is yours.")
          .state("nothing was changed")
          .because(e);
    }
  }

  @Override
  public void heard(Entry entry) {
    if (entry.event() instanceof Event.Moved || entry.event() instanceof Event.Progressed) {
      return; // progress is for those who watch; the outcome has the sum
    }
    try {
      out.write((JsonLines.of(entry) + "\n").getBytes(StandardCharsets.UTF_8));
      if (entry.event().durable()) {
        out.getFD().sync();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
