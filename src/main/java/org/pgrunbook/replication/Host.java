package org.pgrunbook.replication;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.pgrunbook.Durations;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.ControlFile;
import org.pgrunbook.postgres.Node;

/**
 * What the host of a server says of it.
 *
 * @param processes the server's processes; empty if the host does not answer
 * @param control its pg_control; empty if nobody can read it
 * @param silence why the host does not answer; empty if it does
 */
record Host(Optional<List<Long>> processes, Optional<ControlFile> control, String silence) {

  static Host of(Node node) {
    try {
      List<Long> processes = node.getPostmaster().processes();
      return new Host(Optional.of(processes), control(node), "");
    } catch (Problem e) {
      if (e.exit() == Exit.UNREACHABLE) {
        return silent(e.fact());
      }
      throw e;
    }
  }

  /** Its pg_control; empty if nobody can read it. */
  static Optional<ControlFile> control(Node node) {
    try {
      return Optional.of(node.getPostmaster().controlFile());
    } catch (Problem e) {
      if (e.exit() == Exit.FAILED) {
        return Optional.empty(); // no data directory, or one that the disk does not give
      }
      throw e;
    }
  }

  static Host late(Duration limit) {
    return silent("no answer within " + Durations.show(limit));
  }

  static Host silent(String why) {
    return new Host(Optional.empty(), Optional.empty(), why);
  }

  Signal signal(Node node) {
    return new Signal("host of " + node, processes.map(this::words).orElse(silence));
  }

  private String words(List<Long> running) {
    return running.isEmpty()
        ? "no server process; " + control.map(Host::words).orElse("pg_control cannot be read")
        : "%d server processes, the first is %d".formatted(running.size(), running.getFirst());
  }

  private static String words(ControlFile control) {
    return "pg_control of %s says %s"
        .formatted(
            control.modified(), control.state().name().toLowerCase(Locale.ROOT).replace('_', ' '));
  }
}
