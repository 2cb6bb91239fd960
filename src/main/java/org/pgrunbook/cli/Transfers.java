package org.pgrunbook.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.pgrunbook.DataSize;
import org.pgrunbook.Durations;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Operation;
import org.pgrunbook.journal.Operation.Wire;

/**
 * How far the transfers of a step are, taken together.
 *
 * <p>A stream from a host into the store passes two wires, and both tell of it; it is counted at
 * the store. How much there is in all is known from the step ({@link Event.Progressed}), else from
 * the transfers themselves.
 */
final class Transfers {
  private static final int BAR = 24;

  /** How well data compress is judged by one part in so many, no less. */
  private static final int SAMPLE = 10;

  private record Transfer(Operation operation, Instant begun, long bytes, long expected) {}

  private final Map<Long, Transfer> running = new LinkedHashMap<>();
  private final Map<Wire, Long> finished = new EnumMap<>(Wire.class);
  private Instant begun;
  private long done;
  private long total;
  private long bytesAtDone;

  void started(Event.OperationStarted start, Instant at) {
    running.put(start.id(), new Transfer(start.operation(), at, 0, 0));
  }

  void moved(Event.Moved moved) {
    Transfer before = running.get(moved.id());
    if (before != null) {
      begin(before);
      var now = new Transfer(before.operation, before.begun, moved.bytes(), moved.expected());
      running.put(moved.id(), now);
    }
  }

  void ended(Event.OperationEnded end) {
    Transfer last = running.remove(end.id());
    if (last != null && end.result().get("bytes") instanceof Number bytes) {
      begin(last);
      finished.merge(end.operation().wire(), bytes.longValue(), Long::sum);
    }
  }

  void progressed(Event.Progressed progressed) {
    done = progressed.done();
    total = progressed.total();
    bytesAtDone = finished.getOrDefault(counted(), 0L);
  }

  /** What follows is counted anew: a step is over. */
  void reset() {
    finished.clear();
    begun = null;
    done = 0;
    total = 0;
    bytesAtDone = 0;
  }

  /** Whether anything is on its way. */
  boolean isIdle() {
    return running.isEmpty();
  }

  /** The operation that was begun last, and how many more there are. */
  Optional<String> newest(int width, Instant now) {
    return running.values().stream()
        .reduce((earlier, later) -> later)
        .map(
            last -> {
              String tail = ", " + Durations.show(Duration.between(last.begun, now));
              String more = running.size() > 1 ? " and " + (running.size() - 1) + " more" : "";
              String text = last.operation.node() + " " + last.operation.text();
              return Style.fit(text, Math.max(20, width - tail.length() - more.length()))
                  + tail
                  + more;
            });
  }

  /** For how long bytes have been on their way. */
  Duration since(Instant now) {
    return begun == null ? Duration.ZERO : Duration.between(begun, now);
  }

  /** The bar where the total is known, then amount and rate; empty if nothing has moved. */
  Optional<String> text(Instant now) {
    Wire wire = counted();
    long bytes = bytes(wire);
    if (begun == null || bytes == 0) {
      return Optional.empty();
    }
    double seconds = Math.max(0.001, since(now).toMillis() / 1000.0);
    if (total > 0 && done >= total / SAMPLE && bytesAtDone > 0) {
      // What travels is compressed; the part that is through tells how well.
      double ratio = (double) done / bytesAtDone;
      long estimate = done + (long) (ratio * (bytes - bytesAtDone));
      return Optional.of(
          bar(done == total ? total : Math.min(estimate, total - 1), total, seconds));
    }
    String amount = new DataSize(bytes) + ", " + rate(bytes, seconds);
    if (total > 0) {
      return Optional.of(amount + ", of " + new DataSize(total) + " uncompressed");
    }
    long expected =
        finished.getOrDefault(wire, 0L)
            + running.values().stream()
                .filter(transfer -> transfer.operation.wire() == wire)
                .mapToLong(Transfer::expected)
                .sum();
    boolean known =
        running.values().stream()
            .filter(transfer -> transfer.operation.wire() == wire && transfer.bytes > 0)
            .allMatch(transfer -> transfer.expected > 0);
    return Optional.of(known && expected > 0 ? bar(bytes, expected, seconds) : amount);
  }

  private void begin(Transfer transfer) {
    if (begun == null || transfer.begun.isBefore(begun)) {
      begun = transfer.begun;
    }
  }

  private Wire counted() {
    return bytes(Wire.STORE) > 0 ? Wire.STORE : Wire.SSH;
  }

  private long bytes(Wire wire) {
    return finished.getOrDefault(wire, 0L)
        + running.values().stream()
            .filter(transfer -> transfer.operation.wire() == wire)
            .mapToLong(Transfer::bytes)
            .sum();
  }

  private static String bar(long estimate, long total, double seconds) {
    long bytes = Math.clamp(estimate, 0, Math.max(0, total));
    int filled = (int) (BAR * bytes / total);
    double left = (total - bytes) / Math.max(1, bytes / seconds);
    return "[%s%s] %d%%  %s of %s, %s, %s left"
        .formatted(
            "#".repeat(filled),
            ".".repeat(BAR - filled),
            100 * bytes / total,
            new DataSize(bytes),
            new DataSize(total),
            rate(bytes, seconds),
            Durations.show(Duration.ofSeconds((long) left)));
  }

  private static String rate(long bytes, double seconds) {
    return new DataSize((long) (bytes / seconds)) + "/s";
  }
}
