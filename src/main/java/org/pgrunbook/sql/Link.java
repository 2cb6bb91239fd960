package org.pgrunbook.sql;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.postgresql.core.TransactionState;
import org.postgresql.jdbc.PgConnection;

/**
 * One connection. A statement on it has a limit, which the server keeps and, should the server fall
 * silent, we do; and it is cancelled on the server when the thread that waits for it is
 * interrupted.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/runtime-config-client.html">statement_timeout
 *     </a>
 */
final class Link implements AutoCloseable {
  /** What the server gets on top of the limit, to report that it was reached. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  private static final int ANSWER_SECONDS = 5;

  /**
   * A cancel request that comes before its statement is lost, so it is sent until it has worked. A
   * server that hangs takes none, and then each costs a second.
   */
  private static final int CANCEL_MILLIS = 100;

  private static final int CANCELS = 20;

  /**
   * The wait of a commit for its synchronous standbys is what statement_timeout does not end, and a
   * cancel request does: the commit has been made by then, and the server says so.
   */
  private static final Duration REPORT = Duration.ofSeconds(1);

  private final PgConnection connection;
  private Duration limit;

  Link(PgConnection connection) {
    this.connection = connection;
  }

  /** Runs a query in a read-only transaction. */
  List<Row> probe(Query query, Duration within) {
    return await(
        query,
        within,
        () -> {
          connection.setReadOnly(true);
          connection.setAutoCommit(false);
          try {
            return query.rows(connection);
          } finally {
            endTransaction();
          }
        });
  }

  /** If this fails the connection is lost, which its next user finds out and replaces it. */
  private void endTransaction() {
    try {
      connection.rollback();
      connection.setAutoCommit(true);
      connection.setReadOnly(false);
    } catch (SQLException e) {
      abort();
    }
  }

  /** Runs a statement that changes something, outside of any transaction. */
  int execute(Query query, Duration within) {
    return await(query, within, () -> query.execute(connection));
  }

  /** Runs a statement that changes something and answers rows. */
  List<Row> returning(Query query, Duration within) {
    return await(query, within, () -> query.rows(connection));
  }

  /** Whether the server is still there; costs a round trip. */
  boolean answers() {
    try {
      return connection.isValid(ANSWER_SECONDS);
    } catch (SQLException e) {
      return false;
    }
  }

  /** Whether no transaction is open. */
  boolean idle() {
    return connection.getTransactionState() == TransactionState.IDLE;
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      // It is gone, which is what was wanted.
    }
  }

  @FunctionalInterface
  private interface Work<T> {
    T run() throws SQLException;
  }

  /** Another thread talks to the server, for this one must stay able to hear an interrupt. */
  private <T> T await(Query query, Duration within, Work<T> work) {
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              limit(within);
              return work.run();
            });
    Thread.ofVirtual().name("sql").start(task);
    try {
      return within.isZero() ? task.get() : get(task, within);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof SQLException sql
          ? Failure.statement(sql, query, within)
          : (RuntimeException) e.getCause();
    } catch (TimeoutException e) {
      abort();
      throw Problem.failed("the server has not answered within " + Durations.show(within))
          .because(e)
          .hint("Check the network, and whether the server hangs.");
    } catch (InterruptedException e) {
      cancel(task);
      Thread.currentThread().interrupt();
      throw Problem.interrupted("interrupted; the statement was cancelled").because(e);
    }
  }

  private <T> T get(FutureTask<T> task, Duration within)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      return task.get(within.plus(REPORT).toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      requestCancel();
      return task.get(GRACE.minus(REPORT).toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** In a thread of its own, for a server that hangs answers nothing. */
  private void requestCancel() {
    Thread.ofVirtual()
        .name("cancel")
        .start(
            () -> {
              try {
                connection.cancelQuery();
              } catch (SQLException e) {
                // What comes of the statement is told by whoever waits for it.
              }
            });
  }

  private void limit(Duration within) throws SQLException {
    if (!within.equals(limit)) {
      try (var statement = connection.createStatement()) {
        statement.execute("set statement_timeout = " + within.toMillis());
      }
      limit = within;
    }
  }

  private void cancel(FutureTask<?> task) {
    for (int i = 0; i < CANCELS && !task.isDone(); i++) {
      try {
        connection.cancelQuery();
        task.get(CANCEL_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException | InterruptedException e) {
        // Not yet; a second interrupt must not keep the first from reaching the server.
      } catch (ExecutionException e) {
        return;
      } catch (SQLException e) {
        break;
      }
    }
    if (!task.isDone()) {
      abort();
    }
  }

  private void abort() {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      // It is gone, which is what was wanted.
    }
  }
}
