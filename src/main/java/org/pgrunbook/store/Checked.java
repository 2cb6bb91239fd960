package org.pgrunbook.store;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import org.pgrunbook.journal.Meter;

/** A stream on its way out of a store: told to the operation's meter, and never short. */
final class Checked extends FilterInputStream {
  private final Meter meter;
  private long left;

  Checked(Backend.Content content, Meter meter) {
    super(content.stream());
    this.meter = meter;
    this.left = content.size();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int count = in.read(target, offset, length);
    if (count > 0) {
      left -= count;
      meter.moved(count);
    } else if (count < 0 && left > 0) {
      throw new EOFException("the object ended " + left + " bytes short");
    }
    return count;
  }
}
