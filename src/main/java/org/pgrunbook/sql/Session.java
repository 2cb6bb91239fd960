package org.pgrunbook.sql;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Run;

/**
 * One connection from beginning to end, as a base backup needs it: pg_backup_start and
 * pg_backup_stop must be of the same session, and a session that is lost aborts the backup. So it
 * is never re-opened, its statements have no limit, and {@link #ping} keeps it from being taken for
 * idle.
 *
 * @see <a href="https://www.postgresql.org/docs/current/continuous-archiving.html">Making a base
 *     backup using the low level API</a>
 */
public final class Session extends Statements {
  private static final Duration NO_LIMIT = Duration.ZERO;

  private final Link link;
  private final ReentrantLock busy = new ReentrantLock();

  Session(String node, Run run, Link link) {
    super(node, run);
    this.link = link;
    link.execute(Query.of("set idle_session_timeout = 0"), NO_LIMIT);
  }

  /**
   * Proves that the session lives; a statement in progress is proof enough. Not journalled.
   *
   * @throws Problem with exit 1 if it is lost
   */
  public void ping() {
    if (!busy.tryLock()) {
      return;
    }
    try {
      if (!link.answers()) {
        throw Problem.failed("the session was lost")
            .at(node())
            .hint("Take a new backup: PostgreSQL has aborted the one of this session.");
      }
    } finally {
      busy.unlock();
    }
  }

  /**
   * For verbs: shows it under another name in {@code pg_stat_activity}. That is a matter of the
   * session alone, so it is no change, and not journalled.
   */
  public void rename(String application) {
    link.execute(
        Query.of("set application_name = '" + application.replace("'", "''") + "'"), NO_LIMIT);
  }

  /** Ends the session, and with it a backup that was not stopped. */
  @Override
  public void close() {
    link.close();
  }

  @Override
  <T> T with(Function<Link, T> work) {
    busy.lock();
    try {
      return work.apply(link);
    } finally {
      busy.unlock();
    }
  }

  @Override
  Duration probeLimit() {
    return NO_LIMIT;
  }

  @Override
  Duration changeLimit() {
    return NO_LIMIT;
  }
}
