package org.pgrunbook.ssh;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/**
 * Drains stderr, so that it can never block the command, and keeps its end. Finds the line by which
 * the wrapper tells the process group.
 */
final class Stderr extends OutputStream {
  private static final int KEPT = 16 << 10;
  private static final Pattern PROCESS = Pattern.compile(Shell.PROCESS + "(\\d+)\n");

  /** The process group of the command, once it runs. */
  final CompletableFuture<Long> group = new CompletableFuture<>();

  private final Optional<Lines> lines;
  private final Runnable closed;
  private final ByteArrayOutputStream tail = new ByteArrayOutputStream();

  /**
   * A drain.
   *
   * @param lines hears what the command writes
   * @param closed runs when the channel has closed: stderr is the last that JSch closes
   */
  Stderr(Optional<Lines> lines, Runnable closed) {
    this.lines = lines;
    this.closed = closed;
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int from, int count) {
    tail.write(bytes, from, count);
    if (group.isDone()) {
      lines.ifPresent(heard -> heard.write(bytes, from, count));
    } else {
      findProcess();
    }
    if (tail.size() > 2 * KEPT) {
      byte[] all = tail.toByteArray();
      keep(Arrays.copyOfRange(all, all.length - KEPT, all.length));
    }
  }

  private void findProcess() {
    // One character a byte, so that what is not ours comes out as it went in.
    String all = tail.toString(StandardCharsets.ISO_8859_1);
    var matcher = PROCESS.matcher(all);
    if (matcher.find()) {
      byte[] rest = matcher.replaceFirst("").getBytes(StandardCharsets.ISO_8859_1);
      keep(rest);
      lines.ifPresent(heard -> heard.write(rest, 0, rest.length));
      group.complete(Long.valueOf(matcher.group(1)));
    }
  }

  private void keep(byte[] bytes) {
    tail.reset();
    tail.writeBytes(bytes);
  }

  /** The end of what was written. */
  synchronized String text() {
    return tail.toString(StandardCharsets.UTF_8).strip();
  }

  /** The last lines, for a message. */
  String lastLines() {
    var lines = text().lines().toList();
    return lines.isEmpty()
        ? "nothing on stderr"
        : String.join("\n", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
  }

  @Override
  public void close() {
    lines.ifPresent(Lines::end);
    closed.run();
  }
}
