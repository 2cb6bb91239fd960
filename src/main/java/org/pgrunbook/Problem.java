package org.pgrunbook;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The one exception of pgrunbook: one fact, what to try next, where it happened and what state
 * things are in now.
 *
 * <p>The fact is lower case without a final stop ({@code cluster "ordres" is not in the
 * inventory}); a hint is a sentence that ends with a stop and names the next thing an operator
 * would try. The exit status is chosen here, where the cause is known, and never translated later.
 */
public final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** One capital, then small letters only; {@code I} and {@code A} too. */
  private static final Pattern ORDINARY =
      Pattern.compile("^\\p{Lu}(?:[\\p{Ll}'-]*)(?![\\p{L}\\p{N}_/]|\\.\\w)");

  private final Exit exit;
  private final transient List<String> hints = new ArrayList<>();
  private final transient List<String> places = new ArrayList<>();
  private String state;

  private Problem(Exit exit, String fact) {
    super(fact);
    this.exit = exit;
  }

  /** Whatever ends with that status. */
  public static Problem of(Exit exit, String fact) {
    return new Problem(exit, fact);
  }

  /**
   * Whatever was thrown: a problem as it is, anything else as a failure. Groovy throws checked
   * exceptions as they come, and an assertion throws an error: to the work they are all the same.
   */
  public static Problem of(Throwable thrown) {
    if (thrown instanceof Problem problem) {
      return problem;
    }
    String what =
        thrown instanceof AssertionError
            ? "an assertion does not hold"
            : thrown.getClass().getSimpleName();
    String message = thrown.getMessage() == null ? "" : ": " + thrown.getMessage();
    return failed(what + message).because(thrown);
  }

  /** A step failed while the work was going on. */
  public static Problem failed(String fact) {
    return new Problem(Exit.FAILED, fact);
  }

  /** The command, a parameter, the runbook or the inventory is wrong; nothing was touched. */
  public static Problem usage(String fact) {
    return new Problem(Exit.USAGE, fact);
  }

  /** A check says that this must not be done; nothing was changed. */
  public static Problem refused(String fact) {
    return new Problem(Exit.REFUSED, fact);
  }

  /** Another run holds the lock. */
  public static Problem locked(String fact) {
    return new Problem(Exit.LOCKED, fact);
  }

  /** A host, a server or a store could not be reached or did not let us in. */
  public static Problem unreachable(String fact) {
    return new Problem(Exit.UNREACHABLE, fact);
  }

  /** Nobody knows what state things are in: a person has to look. */
  public static Problem unknownState(String fact) {
    return new Problem(Exit.UNKNOWN_STATE, fact);
  }

  /** The run was interrupted by the person or the service that started it. */
  public static Problem interrupted(String fact) {
    return new Problem(Exit.INTERRUPTED, fact);
  }

  /**
   * For verbs: a message of somebody else's in the manner of a fact: its first word in lower case
   * if it is an ordinary one. An acronym, a name such as {@code PostgreSQL} and what is quoted
   * stay.
   */
  public static String lowerCase(String message) {
    return ORDINARY.matcher(message).find()
        ? message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1)
        : message;
  }

  /** Adds the next thing to try, as a sentence; may be called several times. */
  public Problem hint(String sentence) {
    hints.add(sentence);
    return this;
  }

  /**
   * Says where it happened: {@code file:line:column}, a node, a step. Called on the way up, so the
   * innermost place comes first; a place said twice is kept once.
   */
  public Problem at(String place) {
    if (!places.contains(place)) {
      places.add(place);
    }
    return this;
  }

  /**
   * Says what state things are in now, as a clause: {@code pg1 is fenced, no standby was promoted}.
   */
  public Problem state(String clause) {
    state = clause;
    return this;
  }

  /** Keeps the cause for {@code --stacktrace}. */
  public Problem because(Throwable cause) {
    initCause(cause);
    return this;
  }

  /**
   * The same problem with another exit status: what could be refused before a change is a failure
   * after it.
   */
  public Problem as(Exit other) {
    Problem result = new Problem(other, fact());
    hints.forEach(result::hint);
    places.forEach(result::at);
    result.state = state;
    return result.because(this);
  }

  /** For verbs: the same problem without any secret in what it and its causes say. */
  public Problem without(Secrets secrets) {
    Problem result = new Problem(exit, secrets.redact(fact()));
    hints.forEach(hint -> result.hint(secrets.redact(hint)));
    places.forEach(place -> result.at(secrets.redact(place)));
    result.state = state == null ? null : secrets.redact(state);
    result.setStackTrace(getStackTrace());
    return result.because(getCause() == null ? null : Told.of(getCause(), secrets));
  }

  /** What somebody else's exception says in a stack trace, without secrets. */
  private static final class Told extends Exception {
    private static final long serialVersionUID = 1;

    private Told(String said, Throwable cause) {
      super(said, cause);
    }

    static Throwable of(Throwable thrown, Secrets secrets) {
      if (thrown instanceof Problem problem) {
        return problem.without(secrets);
      }
      Throwable cause = thrown.getCause() == null ? null : of(thrown.getCause(), secrets);
      var result = new Told(secrets.redact(thrown.toString()), cause);
      result.setStackTrace(thrown.getStackTrace());
      for (Throwable beside : thrown.getSuppressed()) {
        result.addSuppressed(of(beside, secrets));
      }
      return result;
    }
  }

  /** How the run ends because of it. */
  public Exit exit() {
    return exit;
  }

  /** The fact alone. */
  public String fact() {
    return getMessage();
  }

  /** What to try next, as sentences. */
  public List<String> hints() {
    return List.copyOf(hints);
  }

  /** Where it happened, innermost first. */
  public Optional<String> where() {
    return places.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", places));
  }

  /** What state things are in, as a clause; absent if nobody has said. */
  public Optional<String> state() {
    return Optional.ofNullable(state);
  }
}
