package org.pgrunbook.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.pgrunbook.DataSize;
import org.pgrunbook.Durations;
import org.pgrunbook.journal.Event;

/**
 * How far the transfers of a run are, taken together: a bar that is redrawn on a terminal, a line
 * every ten seconds elsewhere. It appears only when a transfer takes longer than a second.
 */
final class ProgressLine {
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final Duration PLAIN = Duration.ofSeconds(10);
  private static final int BAR = 24;

  private final Terminal terminal;
  private final Map<Long, Event.Moved> transfers = new HashMap<>();
  private long finished;
  private Instant begun;
  private Instant shown;
  private boolean onScreen;

  ProgressLine(Terminal terminal) {
    this.terminal = terminal;
  }

  void moved(Event.Moved moved, Instant now) {
    if (transfers.isEmpty() && begun == null) {
      begun = now;
      shown = now;
    }
    transfers.put(moved.id(), moved);
    Duration pause = terminal.interactive() ? PATIENCE : PLAIN;
    if (Duration.between(begun, now).compareTo(pause) < 0) {
      return;
    }
    if (terminal.interactive()) {
      terminal.out().print("\r\u001b[K" + text(now));
      terminal.out().flush();
      onScreen = true;
    } else if (Duration.between(shown, now).compareTo(PLAIN) >= 0) {
      terminal.out().println(text(now));
      terminal.out().flush();
      shown = now;
    }
  }

  void ended(long id) {
    Event.Moved last = transfers.remove(id);
    if (last != null) {
      finished += last.bytes();
    }
    if (transfers.isEmpty()) {
      begun = null;
      finished = 0;
    }
  }

  /** Makes room for an ordinary line. */
  void clear() {
    if (onScreen) {
      terminal.out().print("\r\u001b[K");
      onScreen = false;
    }
  }

  private String text(Instant now) {
    long bytes = finished + transfers.values().stream().mapToLong(Event.Moved::bytes).sum();
    boolean known = transfers.values().stream().allMatch(moved -> moved.expected() > 0);
    long expected =
        finished
            + transfers.values().stream().mapToLong(m -> Math.max(m.expected(), m.bytes())).sum();
    double seconds = Math.max(0.001, Duration.between(begun, now).toMillis() / 1000.0);
    double rate = bytes / seconds;
    String speed = new DataSize((long) rate) + "/s";
    if (!known || expected == 0) {
      return "  " + new DataSize(bytes) + ", " + speed;
    }
    int filled = (int) (BAR * bytes / expected);
    Duration left = Duration.ofSeconds((long) ((expected - bytes) / Math.max(1, rate)));
    return "  [%s%s] %d%%  %s of %s, %s, %s left"
        .formatted(
            "#".repeat(filled),
            ".".repeat(BAR - filled),
            100 * bytes / expected,
            new DataSize(bytes),
            new DataSize(expected),
            speed,
            Durations.show(left));
  }
}
