package org.pgrunbook.backup;

import java.util.Locale;
import org.pgrunbook.postgres.Node;

/**
 * How objects are compressed on the host, and how their keys end. A reader goes by the manifest,
 * never by the suffix; only WAL has no manifest.
 */
public enum Compression {
  ZSTD(".zst", "zstd -q -T1 -", 19, "zstd -q -d"),
  GZIP(".gz", "gzip -", 9, "gzip -d");

  private final String suffix;
  private final String pack;
  private final int highest;
  private final String unpack;

  Compression(String suffix, String pack, int highest, String unpack) {
    this.suffix = suffix;
    this.pack = pack;
    this.highest = highest;
    this.unpack = unpack;
  }

  /** The best that the host can do. */
  static Compression of(Node node) {
    return node.getSsh().has(ZSTD.program()) ? ZSTD : GZIP;
  }

  /** What a key ends with. */
  public String suffix() {
    return suffix;
  }

  /** The program that the host needs. */
  String program() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The command that compresses stdin to stdout; one thread, because the processes are the
   * parallelism.
   */
  String pack(int level) {
    return pack + Math.min(level, highest);
  }

  /** The command that decompresses stdin to stdout. */
  String unpack() {
    return unpack;
  }
}
