package org.pgrunbook.backup;

/**
 * How objects are compressed on the host, and how their keys end. A reader goes by the manifest,
 * never by the suffix.
 */
public enum Compression {
  ZSTD(".zst", "zstd -q -T1 -", "zstd -q -d"),
  GZIP(".gz", "gzip -", "gzip -d");

  private final String suffix;
  private final String pack;
  private final String unpack;

  Compression(String suffix, String pack, String unpack) {
    this.suffix = suffix;
    this.pack = pack;
    this.unpack = unpack;
  }

  /** What a key ends with. */
  public String suffix() {
    return suffix;
  }

  /** The program that the host needs. */
  String program() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /**
   * The program that compresses stdin to stdout; one thread, because the processes are the
   * parallelism.
   */
  String pack(int level) {
    return pack + Math.min(level, this == GZIP ? 9 : 19);
  }

  /** The program that decompresses stdin to stdout. */
  String unpack() {
    return unpack;
  }
}
