package org.pgrunbook.journal;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.pgrunbook.Problem;
import org.pgrunbook.Time;

/**
 * The journal of one run on disk: JSON lines, only appended to, readable only by its owner. Each
 * event is with the operating system before the run goes on; a durable one is on the disk.
 */
public final class JournalFile implements Listener, AutoCloseable {
  private static final DateTimeFormatter ID =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  private final String run;

  /** No channel: that would close when a thread which writes to it has been interrupted. */
  private final FileOutputStream out;

  private JournalFile(String run, FileOutputStream out) {
    this.run = run;
    this.out = out;
  }

  /**
   * Begins the journal of a run, whose id is the moment. It ends with the microsecond to base 36,
   * so that ids sort as their runs began.
   *
   * @param folder where journals are
   */
  public static JournalFile begin(Path folder, Time time) {
    for (Instant at = time.now(); ; at = at.plus(1, ChronoUnit.MICROS)) {
      String micros = Integer.toString(at.get(ChronoField.MICRO_OF_SECOND), 36);
      String id = ID.format(at) + "-" + "0".repeat(4 - micros.length()) + micros;
      Optional<JournalFile> begun = begin(folder, id);
      if (begun.isPresent()) {
        return begun.get();
      }
    }
  }

  /**
   * Begins the journal of a run.
   *
   * @param folder where journals are
   * @param run its id
   * @return empty if there is a run of that id, such as one that began at the same moment
   */
  public static Optional<JournalFile> begin(Path folder, String run) {
    Path file = folder.resolve(run + ".jsonl");
    try {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      var out = new FileOutputStream(file.toFile(), true);
      try (FileChannel entry = FileChannel.open(folder)) {
        entry.force(true);
      }
      return Optional.of(new JournalFile(run, out));
    } catch (FileAlreadyExistsException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw Problem.usage("cannot write the journal \"" + file + "\"")
          .hint("Set $PGRUNBOOK_STATE to a folder that is yours.")
          .state("nothing was changed")
          .because(e);
    }
  }

  /** The id of the run. */
  public String run() {
    return run;
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
