package org.pgrunbook.postgres;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgrunbook.DataSize;

/**
 * A file that PostgreSQL hands to its archive_command, as its name tells.
 *
 * @param name the file's name
 * @param kind what it is
 * @param timeline the timeline in its name
 * @see <a href="https://www.postgresql.org/docs/current/continuous-archiving.html">Continuous
 *     archiving</a>
 */
public record WalFile(String name, Kind kind, int timeline) {
  private static final Pattern FORM =
      Pattern.compile(
          "(?<timeline>[0-9A-F]{8})"
              + "((?<history>\\.history)"
              + "|[0-9A-F]{16}((?<partial>\\.partial)|(?<backup>\\.[0-9A-F]{8}\\.backup))?)");

  /** What such a file may be. */
  public enum Kind {
    /** A complete segment. */
    SEGMENT,
    /** The last segment of a timeline that a promotion ended. */
    PARTIAL,
    /** Where a timeline came from. */
    HISTORY,
    /** When a base backup was taken. */
    BACKUP
  }

  /** The file of a name, if it is a name that PostgreSQL gives to such files. */
  public static Optional<WalFile> of(String name) {
    Matcher form = FORM.matcher(name);
    if (!form.matches()) {
      return Optional.empty();
    }
    Kind kind =
        form.group("history") != null
            ? Kind.HISTORY
            : form.group("partial") != null
                ? Kind.PARTIAL
                : form.group("backup") != null ? Kind.BACKUP : Kind.SEGMENT;
    int timeline = Integer.parseUnsignedInt(form.group("timeline"), 16);
    return Optional.of(new WalFile(name, kind, timeline));
  }

  /** The segment that it is, is part of or, for a backup, began in; none for a history. */
  public Optional<WalSegment> segment(DataSize size) {
    if (kind == Kind.HISTORY) {
      return Optional.empty();
    }
    long file = Long.parseLong(name.substring(8, 16), 16);
    long inFile = Long.parseLong(name.substring(16, 24), 16);
    return Optional.of(new WalSegment(timeline, file * ((1L << 32) / size.bytes()) + inFile, size));
  }
}
