package org.pgrunbook.ssh;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Bytes as they come, told line by line. */
final class Lines {
  /** Who never ends a line is told in pieces of this size. */
  private static final int LONGEST = 1 << 20;

  private final Consumer<String> told;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  Lines(Consumer<String> told) {
    this.told = told;
  }

  /** Tells each line that ends in here; what is left waits for its end. */
  synchronized void write(byte[] bytes, int from, int count) {
    int start = from;
    for (int i = from; i < from + count; i++) {
      if (bytes[i] == '\n') {
        line.write(bytes, start, i - start);
        tell();
        start = i + 1;
      }
    }
    line.write(bytes, start, from + count - start);
    if (line.size() > LONGEST) {
      tell();
    }
  }

  /** Tells what has no end, such as a question that nobody answers. */
  synchronized void end() {
    if (line.size() > 0) {
      tell();
    }
  }

  private void tell() {
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    told.accept(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text);
  }
}
