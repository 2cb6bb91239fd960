package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.Time;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.ssh.Command;

/**
 * A node's clock beside that of this machine.
 *
 * @param node the node
 * @param limit how far it may be off
 * @param server what its server says
 * @param host what its host says; null if it was not asked
 * @param synchronised what its host says of whether something keeps its clock right; null if it was
 *     not asked
 */
public record Clock(Node node, Duration limit, Offset server, Offset host, String synchronised) {
  static final String INCIDENT = "clock-skew";

  /** From here on signatures of requests to S3 are about to be refused, and certificates too. */
  private static final Duration CRITICAL = Duration.ofMinutes(1);

  private static final int TRIES = 3;

  /**
   * How far a clock is from ours.
   *
   * @param ahead how much it is ahead; negative: behind
   * @param within how much that may be wrong: half of the time that the answer took
   */
  public record Offset(Duration ahead, Duration within) {
    /** From our times before the question and after the answer, and theirs in between. */
    static Offset between(Instant asked, Duration took, Instant theirs) {
      Duration half = took.dividedBy(2);
      return new Offset(Duration.between(asked.plus(half), theirs), half);
    }

    /** How much it is off at least. */
    Duration least() {
      Duration least = ahead.abs().minus(within);
      return least.isNegative() ? Duration.ZERO : least;
    }

    /** {@code 5.0 s ahead, give or take 0.4 ms}. */
    @Override
    public String toString() {
      return "%s %s, give or take %s"
          .formatted(
              Durations.show(ahead.abs()),
              ahead.isNegative() ? "behind" : "ahead",
              Durations.show(within));
    }
  }

  /** Asks the server only. */
  static Clock of(Server server, Duration limit) {
    return new Clock(server.node(), limit, ofServer(server), null, null);
  }

  /** Asks the server and its host. */
  static Clock withHost(Server server, Duration limit) {
    Node node = server.node();
    return new Clock(node, limit, ofServer(server), ofHost(node), synchronised(node));
  }

  private static Offset ofServer(Server server) {
    return best(server.node(), () -> server.row(Question.CLOCK).instant("now"));
  }

  private static Offset ofHost(Node node) {
    return best(
        node,
        () -> {
          String[] parts = node.getSsh().read("date", "+%s.%N").text().split("\\.", 2);
          return Instant.ofEpochSecond(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
        });
  }

  /** The first question may have to connect: the shortest of several answers tells the most. */
  private static Offset best(Node node, Supplier<Instant> ask) {
    Time time = node.run().time();
    return Stream.generate(
            () -> {
              Instant asked = time.now();
              long start = time.nanos();
              Instant theirs = ask.get();
              return Offset.between(asked, time.since(start), theirs);
            })
        .limit(TRIES)
        .min((one, other) -> one.within().compareTo(other.within()))
        .orElseThrow();
  }

  private static final String SYNCHRONISED =
      """
      if command -v chronyc >/dev/null; then chronyc -n tracking 2>/dev/null | grep -E '^(Leap status|System time)'
      elif command -v timedatectl >/dev/null; then timedatectl show -p NTPSynchronized 2>/dev/null
      fi
      exit 0
      """;

  private static String synchronised(Node node) {
    try {
      List<String> lines = node.getSsh().run(Command.probeScript(SYNCHRONISED)).lines();
      return lines.isEmpty()
          ? "its host does not say"
          : String.join("; ", lines).replaceAll("\\s+", " ");
    } catch (Problem e) {
      return "nobody can tell: " + e.fact();
    }
  }

  /** What was found out. */
  public Finding finding() {
    if (server.least().compareTo(limit) <= 0) {
      return Finding.ok(
          INCIDENT,
          node,
          "its clock is not more than " + Durations.show(limit) + " from this machine's");
    }
    return Finding.of(
        server.least().compareTo(CRITICAL) > 0 ? Verdict.CRIT : Verdict.WARN,
        INCIDENT,
        node,
        "its clock is " + server + " of this machine's");
  }
}
