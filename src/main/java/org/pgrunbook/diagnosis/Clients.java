package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.pgrunbook.inventory.ClusterSpec.Protection;
import org.pgrunbook.postgres.Node;

/**
 * The clients' sessions of a server at one moment, without our own: every question of an incident
 * is answered from the same evidence.
 *
 * @param all the sessions, those that have been in their state for longest first
 */
public record Clients(List<Backend> all) {

  /**
   * Clients alike.
   *
   * @param count how many
   * @param longest how long one of them has been in its state at most
   * @param user the role
   * @param application its application_name
   * @param client the address
   * @param state what they do
   */
  public record Group(
      String user, String application, String client, String state, long count, Duration longest) {}

  /**
   * How many sessions there are of something.
   *
   * @param what of which sessions
   * @param count how many
   */
  public record Count(String what, long count) {}

  static Clients of(Node node, Protection protection) {
    return new Clients(
        Activity.of(Server.of(node), protection).all().stream()
            .filter(Backend::isClient)
            .sorted(
                Comparator.comparing(
                    Backend::changed, Comparator.nullsLast(Comparator.naturalOrder())))
            .toList());
  }

  /** By user, application, client and state, the most first. */
  public List<Group> groups() {
    Map<List<String>, List<Backend>> alike =
        all.stream()
            .collect(
                Collectors.groupingBy(
                    one ->
                        List.of(
                            Objects.toString(one.user(), "-"),
                            one.application(),
                            one.client(),
                            one.state()),
                    LinkedHashMap::new,
                    Collectors.toList()));
    return alike.entrySet().stream()
        .map(
            entry ->
                new Group(
                    entry.getKey().get(0),
                    entry.getKey().get(1),
                    entry.getKey().get(2),
                    entry.getKey().get(3),
                    entry.getValue().size(),
                    entry.getValue().getFirst().since()))
        .sorted(Comparator.comparingLong(Group::count).reversed())
        .toList();
  }

  /** How many are in each state, the most first. */
  public List<Count> states() {
    return counts(Backend::state);
  }

  /** What the active ones do: wait for what, or work; the most first. */
  public List<Count> waits() {
    return new Clients(all.stream().filter(Backend::isActive).toList())
        .counts(
            one -> one.waits() == null ? "working" : "waiting: " + one.waits().split(":", 2)[0]);
  }

  /** How long ago they connected. */
  public List<Count> ages() {
    return counts(
        one ->
            one.age().toMinutes() < 1
                ? "less than a minute"
                : one.age().toHours() < 1 ? "less than an hour" : "an hour or more");
  }

  /** How many come from each address, the most first. */
  public List<Count> addresses() {
    return counts(Backend::client);
  }

  /**
   * Those that sit idle in a transaction for longer and may be ended, the longest first. Only
   * ending helps: there is no statement to cancel.
   */
  public List<Backend> idleInTransaction(Duration longer) {
    return all.stream().filter(one -> one.isIdleInTransaction() && isEndable(one, longer)).toList();
  }

  /**
   * Those of one application that have been idle for longer and may be ended, the longest first.
   */
  public List<Backend> idle(String application, Duration longer) {
    return all.stream()
        .filter(one -> one.isIdle() && isEndable(one, longer))
        .filter(one -> one.application().equals(application))
        .toList();
  }

  /**
   * The application with the most sessions that {@link #idle} would name. A session without an
   * application_name belongs to nobody known, and is never chosen.
   */
  public Optional<String> idlestApplication(Duration longer) {
    return new Clients(
            all.stream()
                .filter(one -> one.isIdle() && isEndable(one, longer))
                .filter(one -> !one.application().isEmpty())
                .toList())
        .counts(Backend::application).stream().findFirst().map(Count::what);
  }

  private static boolean isEndable(Backend one, Duration longer) {
    return !one.leftAlone() && one.since().compareTo(longer) > 0;
  }

  private List<Count> counts(Function<Backend, String> by) {
    return all.stream()
        .collect(Collectors.groupingBy(by, Collectors.counting()))
        .entrySet()
        .stream()
        .map(entry -> new Count(entry.getKey(), entry.getValue()))
        .sorted(Comparator.comparingLong(Count::count).reversed().thenComparing(Count::what))
        .toList();
  }
}
