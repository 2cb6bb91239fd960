package org.pgrunbook.postgres;

/**
 * A version of PostgreSQL, from 10 on.
 *
 * @param major {@code 15}
 * @param minor {@code 4}; 0 where only the major version is known
 * @see <a href="https://www.postgresql.org/support/versioning/">Versioning policy</a>
 */
public record Version(int major, int minor) implements Comparable<Version> {
  /** The oldest that is supported. */
  public static final int OLDEST = 15;

  /** The newest that is supported. */
  public static final int NEWEST = 18;

  /** From {@code server_version_num}: 150004 is 15.4. */
  public static Version ofNumber(long number) {
    return new Version((int) (number / 10_000), (int) (number % 10_000));
  }

  /**
   * From the text of the file {@code PG_VERSION}: the major version.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Version ofFile(String text) {
    return new Version(Integer.parseInt(text.strip()), 0);
  }

  /** Whether it is one of those that are supported. */
  public boolean supported() {
    return major >= OLDEST && major <= NEWEST;
  }

  @Override
  public int compareTo(Version other) {
    return major == other.major
        ? Integer.compare(minor, other.minor)
        : Integer.compare(major, other.major);
  }

  /** {@code 15.4}. */
  @Override
  public String toString() {
    return major + "." + minor;
  }
}
