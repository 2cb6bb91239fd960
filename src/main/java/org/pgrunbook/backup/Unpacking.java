package org.pgrunbook.backup;

import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** Decompresses on this machine what a host has compressed. */
final class Unpacking {
  private Unpacking() {}

  /** WAL has no manifest: there the suffix tells. */
  static InputStream of(String key, InputStream packed) throws IOException {
    if (key.endsWith(Compression.ZSTD.suffix())) {
      return new ZstdInputStream(packed);
    }
    return key.endsWith(Compression.GZIP.suffix()) ? new GZIPInputStream(packed) : packed;
  }

  /** What a manifest says how it was compressed. */
  static InputStream of(Compression compression, InputStream packed) throws IOException {
    return switch (compression) {
      case ZSTD -> new ZstdInputStream(packed);
      case GZIP -> new GZIPInputStream(packed);
    };
  }
}
