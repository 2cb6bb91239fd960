package org.pgrunbook.backup;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/**
 * Reads what GNU tar has written in its own format, entry by entry and in constant memory. To be
 * used as: {@link #next()}, then the content of the entry from {@link #read}.
 *
 * @see <a href="https://www.gnu.org/software/tar/manual/html_node/Standard.html">Basic tar
 *     format</a>
 */
final class TarReader {
  private static final int BLOCK = 512;
  private static final int LONGEST_NAME = 1 << 16;

  /**
   * One entry.
   *
   * @param path without the slash that ends the name of a directory
   * @param kind {@code f}, {@code d} or {@code l}, as in the manifest; {@code h} for a further name
   *     of a file that came before, which has no content of its own
   * @param size bytes of its content
   * @param modified to the second
   */
  record Entry(String path, String kind, long size, Instant modified) {}

  private final InputStream in;

  /** What of the present entry's content, and of what pads it, was not read yet. */
  private long left;

  private long padding;

  TarReader(InputStream in) {
    this.in = in;
  }

  /**
   * The next entry; empty at the end of the archive.
   *
   * @throws IOException if this is no archive, or if it ends before its end
   */
  Optional<Entry> next() throws IOException {
    in.skipNBytes(left + padding);
    byte[] header = block();
    if (isZero(header)) {
      left = 0;
      padding = 0;
      return Optional.empty();
    }
    requireChecksum(header);
    long size = number(header, 124, 12);
    begin(size);
    char type = (char) header[156];
    if (type == 'L' || type == 'K') {
      String name = longText(size);
      Entry entry = next().orElseThrow(() -> new IOException("a name without an entry"));
      return Optional.of(type == 'K' ? entry : renamed(entry, name));
    }
    Instant modified = Instant.ofEpochSecond(number(header, 136, 12));
    return Optional.of(renamed(new Entry("", kind(type), size, modified), text(header, 0, 100)));
  }

  /** Reads of the present entry's content; -1 at its end. */
  int read(byte[] buffer) throws IOException {
    if (left == 0) {
      return -1;
    }
    int count = in.readNBytes(buffer, 0, (int) Math.min(buffer.length, left));
    if (count == 0) {
      throw new EOFException("the archive ends in the middle of a file");
    }
    left -= count;
    return count;
  }

  private void begin(long size) {
    left = size;
    padding = (BLOCK - size % BLOCK) % BLOCK;
  }

  private static Entry renamed(Entry entry, String name) {
    return new Entry(name.replaceFirst("/$", ""), entry.kind(), entry.size(), entry.modified());
  }

  private static String kind(char type) throws IOException {
    return switch (type) {
      case '0', '\0' -> "f";
      case '1' -> "h";
      case '5' -> "d";
      case '2' -> "l";
      default -> throw new IOException("an entry of the unknown type \"" + type + "\"");
    };
  }

  private byte[] block() throws IOException {
    byte[] block = in.readNBytes(BLOCK);
    if (block.length < BLOCK) {
      throw new EOFException("the archive ends before its end");
    }
    return block;
  }

  private static boolean isZero(byte[] block) {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  /** The sum of all bytes, with blanks in place of the sum itself. */
  private static void requireChecksum(byte[] header) throws IOException {
    int sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += i >= 148 && i < 156 ? ' ' : Byte.toUnsignedInt(header[i]);
    }
    if (sum != number(header, 148, 8)) {
      throw new IOException("the header of an entry has a wrong checksum");
    }
  }

  private String longText(long size) throws IOException {
    if (size > LONGEST_NAME) {
      throw new IOException("a name of " + size + " bytes");
    }
    byte[] name = new byte[(int) size];
    if (size > 0 && read(name) < size) {
      throw new EOFException("the archive ends in the middle of a name");
    }
    return text(name, 0, name.length);
  }

  private static String text(byte[] bytes, int from, int length) {
    int end = from;
    while (end < from + length && bytes[end] != 0) {
      end++;
    }
    return new String(Arrays.copyOfRange(bytes, from, end), StandardCharsets.UTF_8);
  }

  /** Octal digits; of what is too large for them the bytes themselves, after a first one of 128. */
  private static long number(byte[] bytes, int from, int length) throws IOException {
    if (bytes[from] == (byte) 0x80 || bytes[from] == (byte) 0xFF) {
      long value = bytes[from] == (byte) 0xFF ? -1 : 0;
      for (int i = from + 1; i < from + length; i++) {
        value = value << 8 | Byte.toUnsignedLong(bytes[i]);
      }
      return value;
    }
    try {
      String digits = text(bytes, from, length).strip();
      return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
    } catch (NumberFormatException e) {
      throw new IOException("the header of an entry has a field that is no number", e);
    }
  }
}
