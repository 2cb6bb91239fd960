package org.pgrunbook.testing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Operation;
import org.pgrunbook.journal.Operation.Wire;

/** What a node answers that is not there. What was said last comes first. */
public final class RecordedNode {
  /** The question by which a run finds out how its nodes stand. */
  private static final Pattern STANDING =
      Pattern.compile("^select pg_is_in_recovery\\(\\) as in_recovery,");

  private final String name;
  private volatile boolean primary;
  private volatile boolean outOfReach;
  private final List<Reply> replies = Collections.synchronizedList(new ArrayList<>());

  RecordedNode(String name) {
    this.name = name;
  }

  /** It takes writes: {@code cluster.primary} finds it. */
  public void isPrimary() {
    primary = true;
  }

  /** It is in recovery: {@code cluster.standbys} has it. */
  public void isStandby() {
    primary = false;
  }

  /** Neither its server nor its host answers: whatever is asked ends with exit 5. */
  public void isOutOfReach() {
    outOfReach = true;
  }

  /** How its server takes statements in whose text the pattern is found. */
  public Reply sql(Pattern text) {
    return add(new Reply(Wire.SQL, text));
  }

  /** How its host takes commands in whose text the pattern is found. */
  public Reply ssh(Pattern text) {
    return add(new Reply(Wire.SSH, text));
  }

  private Reply add(Reply reply) {
    replies.addFirst(reply);
    return reply;
  }

  /**
   * The answer to an operation.
   *
   * @throws Problem if that is the answer
   */
  Object answer(Operation operation) {
    if (outOfReach) {
      throw Problem.unreachable("cannot connect to " + name + ": nobody answers");
    }
    if (STANDING.matcher(operation.text()).find()) {
      return standing();
    }
    return replies.stream()
        .filter(reply -> reply.isFor(operation))
        .findFirst()
        .orElseThrow(() -> new Unexpected(operation))
        .next();
  }

  private Map<String, Object> standing() {
    return Map.of(
        "in_recovery", !primary,
        "system_identifier", "7000000000000000000",
        "version", "18.0",
        "timeline", 1,
        "lsn", "0/3000000");
  }

  @Override
  public String toString() {
    return name;
  }

  /** Nothing was recorded for an operation. */
  static final class Unexpected extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unexpected(Operation operation) {
      super("nothing is recorded for " + TestRun.inWords(operation));
    }
  }

  /** What is answered to some operations. */
  public static final class Reply {
    private final Wire wire;
    private final Pattern text;
    private List<Object> answers = Collections.singletonList(null);
    private int given;

    Reply(Wire wire, Pattern text) {
      this.wire = wire;
      this.text = text;
    }

    /**
     * Gives these answers in turn; the last one stays. For a query an answer is a value, a row as a
     * map, or a list of rows; for a statement that changes something how many rows it touches, or
     * the row that it returns; for a command its output as text, or an {@link
     * org.pgrunbook.ssh.Output}. Without any it is an empty one: no row, no output.
     */
    public void answers(Object... inTurn) {
      answers = inTurn == null || inTurn.length == 0 ? answers : List.of(inTurn);
    }

    /** Fails with exit 1 for that reason: the statement is refused, the command ends badly. */
    public void fails(String fact) {
      answers = List.of(Problem.failed(fact));
    }

    private boolean isFor(Operation operation) {
      return operation.wire() == wire && text.matcher(operation.text()).find();
    }

    private synchronized Object next() {
      Object answer = answers.get(Math.min(given++, answers.size() - 1));
      if (answer instanceof Problem problem) {
        throw problem;
      }
      return answer;
    }
  }
}
