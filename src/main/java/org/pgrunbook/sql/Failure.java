package org.pgrunbook.sql;

import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.SqlSettings;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Says what the driver's exceptions mean.
 *
 * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL error
 *     codes</a>
 */
final class Failure {
  private static final String QUERY_CANCELED = "57014";
  private static final String READ_ONLY = "25006";
  private static final String TOO_MANY_CONNECTIONS = "53300";

  /** The class of what is wrong with a user or a password. */
  private static final String INVALID_AUTHORIZATION = "28";

  private static final Map<String, String> LOGIN_HINTS =
      Map.of(
          "28P01",
          "Check the password that the inventory points to, or ~/.pgpass.",
          "28000",
          "Let this user in from here: add a line to pg_hba.conf and reload the server.",
          "3D000",
          "Check the name of the database in the inventory.",
          "42501",
          "Grant CONNECT on the database to this user.",
          TOO_MANY_CONNECTIONS,
          "Connections are reserved for superusers (superuser_reserved_connections) and, from"
              + " PostgreSQL 16, for members of pg_use_reserved_connections: use such a user.",
          "57P03",
          "Wait until the server has started, or look into its log.");

  /** The server wanted something of a login that we do not have, such as a password. */
  private static final String REJECTED = "08004";

  /** Where the driver looks for the authority whose certificates are trusted, as libpq does. */
  private static final String ROOT_CERTIFICATE = "~/.postgresql/root.crt";

  private Failure() {}

  /** Whether the server itself said so. */
  static boolean answered(Throwable cause) {
    return cause instanceof SQLException e
        && e.getSQLState() != null
        && (!e.getSQLState().startsWith("08") || e.getSQLState().equals(REJECTED));
  }

  /** Whether all connections are taken. */
  static boolean full(Throwable cause) {
    return cause instanceof SQLException e && TOO_MANY_CONNECTIONS.equals(e.getSQLState());
  }

  /** Whether a login failed for who it was, or by what password. */
  static boolean refusesWho(SQLException e) {
    return String.valueOf(e.getSQLState()).startsWith(INVALID_AUTHORIZATION);
  }

  /** Why we were not let in. */
  static Problem login(SQLException e, SqlSettings settings, String database) {
    Problem problem =
        Problem.unreachable(
            "cannot connect to database \"%s\" at %s:%d as user \"%s\": %s"
                .formatted(database, settings.host(), settings.port(), settings.user(), reason(e)));
    return problem.because(e).hint(hint(e, settings));
  }

  private static String reason(SQLException e) {
    return switch (e.getCause()) {
      case UnknownHostException _ -> "no such host";
      case SocketTimeoutException _ -> "no answer";
      case ConnectException refused -> lower(refused.getMessage());
      // The driver's own words for a server that takes the call and never speaks.
      case null, default ->
          e.getMessage().startsWith("Connection attempt timed out") ? "no answer" : message(e);
    };
  }

  private static String hint(SQLException e, SqlSettings settings) {
    String known = LOGIN_HINTS.get(e.getSQLState());
    if (known != null) {
      return known;
    }
    if (e.getMessage().contains("could not be verified by hostnameverifier")) {
      return "Compare the host in the inventory with the names in the server's certificate.";
    }
    if (e.getMessage().startsWith("Could not open SSL root certificate file")) {
      return "Put the certificate of the authority that signed the server's into "
          + ROOT_CERTIFICATE
          + ".";
    }
    if (settings.isSocket()) {
      return "Check that the socket is there, that the SSH user may use it, and that sshd allows"
          + " it: AllowStreamLocalForwarding.";
    }
    if (e.getCause() instanceof SSLException) {
      return "Check the server's certificate against the authority in " + ROOT_CERTIFICATE + ".";
    }
    return settings.password().isEmpty() && e.getMessage().contains("password")
        ? "Point to a password in the inventory (sql: password:), or add a line to ~/.pgpass."
        : "Check that the server runs, that listen_addresses lets it listen there, and that nothing"
            + " between blocks the port.";
  }

  /** Why a statement failed. */
  static Problem statement(SQLException e, Query query, Duration within) {
    String state = String.valueOf(e.getSQLState());
    if (state.startsWith("08") || state.startsWith("57P")) {
      return Problem.failed("the connection was lost: " + message(e))
          .because(e)
          .state("whether the statement has taken effect is not known");
    }
    if (state.equals(QUERY_CANCELED) && !within.isZero()) {
      return Problem.failed(
              "%s (limit %s, SQLSTATE %s)".formatted(message(e), Durations.show(within), state))
          .because(e)
          .hint("Allow it more time with timeout().");
    }
    Problem problem =
        Problem.failed("%s%s (SQLSTATE %s)".formatted(message(e), place(e, query.sql()), state));
    server(e).map(ServerErrorMessage::getDetail).ifPresent(problem::hint);
    server(e).map(ServerErrorMessage::getHint).ifPresent(problem::hint);
    if (state.equals(READ_ONLY)) {
      problem.hint("A probe changes nothing; use sql.execute for a change.");
    }
    return problem.because(e);
  }

  private static String place(SQLException e, String sql) {
    int position = server(e).map(ServerErrorMessage::getPosition).orElse(0);
    if (position < 1 || position > sql.length()) {
      return "";
    }
    String before = sql.substring(0, position - 1);
    long line = before.lines().count() + (before.isEmpty() || before.endsWith("\n") ? 1 : 0);
    return " at line %d, column %d".formatted(line, position - 1 - before.lastIndexOf('\n'));
  }

  private static String message(SQLException e) {
    return server(e).map(ServerErrorMessage::getMessage).orElseGet(() -> lower(e.getMessage()));
  }

  private static Optional<ServerErrorMessage> server(SQLException e) {
    return e instanceof PSQLException postgres
        ? Optional.ofNullable(postgres.getServerErrorMessage())
        : Optional.empty();
  }

  private static String lower(String sentence) {
    String fact = sentence.strip();
    fact = fact.endsWith(".") ? fact.substring(0, fact.length() - 1) : fact;
    return Problem.lowerCase(fact);
  }
}
