package org.pgrunbook.backup;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.pgrunbook.Sha256;

/** The SHA-256 of each file in an archive, by unpacking it in passing. */
final class ArchiveSums {
  /** What stands for the sum of a further name of a file, which has no content of its own. */
  static final String LINK = "";

  private ArchiveSums() {}

  /** By their paths; files that vanished before they were copied are not there. */
  static Map<String, String> of(Compression compression, InputStream packed) throws IOException {
    Map<String, String> sums = new LinkedHashMap<>();
    TarReader tar = new TarReader(Unpacking.of(compression, packed));
    byte[] buffer = new byte[1 << 16];
    for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
      switch (entry.get().kind()) {
        case "f" -> sums.put(entry.get().path(), sum(tar, buffer));
        case "h" -> sums.put(entry.get().path(), LINK);
        default -> {}
      }
    }
    return sums;
  }

  private static String sum(TarReader tar, byte[] buffer) throws IOException {
    MessageDigest digest = Sha256.digest();
    for (int count = tar.read(buffer); count >= 0; count = tar.read(buffer)) {
      digest.update(buffer, 0, count);
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
