package org.pgrunbook.postgres;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgrunbook.DataSize;

/**
 * A log sequence number: a place in the WAL, counted in bytes and without a sign. It means nothing
 * without a timeline: two servers may have different WAL at the same LSN.
 *
 * @param value the number of bytes, to be read as unsigned
 * @see <a href="https://www.postgresql.org/docs/current/datatype-pg-lsn.html">pg_lsn</a>
 */
public record Lsn(long value) implements Comparable<Lsn> {
  /** {@code 0/0}: no place at all. */
  public static final Lsn NONE = new Lsn(0);

  private static final Pattern FORM = Pattern.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})");

  /**
   * Reads PostgreSQL's form, {@code 0/3000060}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Lsn parse(String text) {
    Matcher form = FORM.matcher(text.strip());
    if (!form.matches()) {
      throw new IllegalArgumentException("\"" + text + "\" is no LSN such as 0/3000060");
    }
    return new Lsn(Long.parseLong(form.group(1), 16) << 32 | Long.parseLong(form.group(2), 16));
  }

  /** How much WAL lies between an earlier LSN and this one; negative if that one is later. */
  public DataSize minus(Lsn earlier) {
    return new DataSize(value - earlier.value);
  }

  /** The LSN so much further on. */
  public Lsn plus(DataSize wal) {
    return new Lsn(value + wal.bytes());
  }

  /** The later of two. */
  public static Lsn latest(Lsn one, Lsn other) {
    return one.compareTo(other) >= 0 ? one : other;
  }

  /** The earlier of two. */
  public static Lsn earliest(Lsn one, Lsn other) {
    return one.compareTo(other) <= 0 ? one : other;
  }

  /** Whether it is at, or after, the other. */
  public boolean reaches(Lsn other) {
    return compareTo(other) >= 0;
  }

  @Override
  public int compareTo(Lsn other) {
    return Long.compareUnsigned(value, other.value);
  }

  /** PostgreSQL's form. */
  @Override
  public String toString() {
    return "%X/%X".formatted(value >>> 32, value & 0xFFFFFFFFL);
  }
}
