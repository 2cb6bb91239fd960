package org.pgrunbook.diagnosis;

import java.util.List;
import java.util.Optional;
import org.pgrunbook.DataSize;
import org.pgrunbook.postgres.Node;

/**
 * What sessions write because it does not fit into work_mem: it goes when the statement ends, if
 * the disk is not full before.
 *
 * @param activity all processes at that moment
 * @param limit how much one session may write
 * @param users who has such files, the one with the most first
 */
public record TempFiles(Activity activity, DataSize limit, List<User> users) {
  static final String INCIDENT = "temp-files";

  /** From so many times the limit on it is an emergency. */
  private static final int CRITICAL = 10;

  /**
   * A process with temporary files, those of its parallel workers included.
   *
   * @param pid the process
   * @param session null if it is gone: a crash has left the files
   * @param files how many
   * @param size what they take
   * @param tablespaces where they are
   */
  public record User(int pid, Backend session, long files, DataSize size, String tablespaces) {}

  /**
   * One of them as a line of a table.
   *
   * @param pid its process
   * @param who role and application
   * @param state what it does
   * @param files how many
   * @param size all of them together
   * @param tablespaces where they lie
   * @param mayBeEnded not if its session is protected
   * @param statement its text, shortened
   */
  public record Line(
      int pid,
      String who,
      String state,
      long files,
      DataSize size,
      String tablespaces,
      boolean mayBeEnded,
      String statement) {}

  static TempFiles of(Server server, Activity activity, DataSize limit) {
    return new TempFiles(
        activity,
        limit,
        server.rows(Question.TEMP_FILES).stream()
            .map(
                row -> {
                  int pid = row.as(Integer.class, "pid");
                  return new User(
                      pid,
                      activity.all().stream()
                          .filter(one -> one.pid() == pid)
                          .findFirst()
                          .orElse(null),
                      row.number("files"),
                      row.bytes("size"),
                      row.text("tablespaces"));
                })
            .toList());
  }

  /** What to show of them. */
  public List<Line> lines() {
    return users.stream()
        .map(
            one -> {
              Optional<Backend> session = Optional.ofNullable(one.session());
              return new Line(
                  one.pid(),
                  session.map(Backend::who).orElse("gone"),
                  session.map(Backend::state).orElse(""),
                  one.files(),
                  one.size(),
                  one.tablespaces(),
                  session.map(it -> it.isClient() && !it.leftAlone()).orElse(false),
                  session.map(Backend::statement).orElse(""));
            })
        .toList();
  }

  /** All of it. */
  public DataSize total() {
    return new DataSize(users.stream().mapToLong(one -> one.size().bytes()).sum());
  }

  /** Those that write more than the limit. */
  public List<User> tooMuch() {
    return users.stream().filter(one -> one.size().compareTo(limit) > 0).toList();
  }

  /** The sessions of those that may be ended. */
  public List<Backend> endable() {
    return tooMuch().stream()
        .map(User::session)
        .filter(one -> one != null && one.isClient() && !one.leftAlone())
        .toList();
  }

  /** What was found out. */
  public Finding finding() {
    Node node = activity.node();
    if (tooMuch().isEmpty()) {
      return Finding.ok(
          INCIDENT, node, "no session has more than " + limit + " of temporary files");
    }
    User worst = tooMuch().getFirst();
    return Finding.of(
        worst.size().bytes() > limit.bytes() * CRITICAL ? Verdict.CRIT : Verdict.WARN,
        INCIDENT,
        node,
        "%s has %s of temporary files%s"
            .formatted(
                worst.session() == null
                    ? "process " + worst.pid() + ", which is gone,"
                    : worst.session().inWords(),
                worst.size(),
                tooMuch().size() == 1 ? "" : "; " + (tooMuch().size() - 1) + " others too many"));
  }
}
