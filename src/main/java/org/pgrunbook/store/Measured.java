package org.pgrunbook.store;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.pgrunbook.Problem;
import org.pgrunbook.Sha256;
import org.pgrunbook.journal.Meter;

/** A stream on its way into a store: counted, hashed and told to the operation's meter. */
final class Measured extends FilterInputStream {
  private final MessageDigest digest = Sha256.digest();
  private final String key;
  private final Meter meter;
  private long size;

  Measured(String key, InputStream content, Meter meter) {
    super(content);
    this.key = key;
    this.meter = meter;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    int count;
    try {
      count = in.read(target, offset, length);
    } catch (IOException e) {
      // Told apart here, so that a source that fails is never taken for a store that fails.
      throw Problem.failed("reading what to store as \"" + key + "\" failed: " + e.getMessage())
          .because(e)
          .state("nothing was stored as \"" + key + "\"");
    }
    if (count > 0) {
      digest.update(target, offset, count);
      size += count;
      meter.moved(count);
    }
    return count;
  }

  /** What has been stored; only to be asked once, at the end. */
  Store.Stored stored() {
    return new Store.Stored(key, size, HexFormat.of().formatHex(digest.digest()));
  }
}
