package org.pgrunbook.diagnosis;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * A server that answers questions: what it is, and what our role may ask there. Without pg_monitor
 * the states of others are hidden rather than refused, so that it has to be known beforehand.
 *
 * @param node the server's node
 * @param role who we are there
 * @param major its major version
 * @param inRecovery whether it is a standby
 * @param may the predefined roles that we have, {@code replication} if we have that attribute,
 *     {@code superuser} if we are one, and {@code configuration_files} if we may look into those
 */
record Server(Node node, String role, int major, boolean inRecovery, Set<String> may) {

  /** From this version on there is the role pg_maintain. */
  private static final int MAINTAIN = 17;

  static Server of(Node node) {
    Row row = node.getSql().row(Question.SERVER.text());
    return new Server(
        node,
        row.text("role"),
        row.as(Integer.class, "major"),
        row.bool("in_recovery"),
        row.list("may").stream().map(String::valueOf).collect(Collectors.toSet()));
  }

  /**
   * The answer to a question.
   *
   * @throws Problem with exit 3 if our role lacks what the question needs
   */
  List<Row> rows(Question question, Object... parameters) {
    require(question);
    return node.getSql().rows(question.text(major), parameters);
  }

  /** The answers of all databases that we may look into, without templates. */
  List<Row> inEveryDatabase(Question question, Object... parameters) {
    return in(
        rows(Question.DATABASES).stream().map(row -> row.text("database")).toList(),
        question,
        parameters);
  }

  /** The answers of these databases, one after the other. */
  List<Row> in(List<String> databases, Question question, Object... parameters) {
    require(question);
    return databases.stream()
        .flatMap(
            name -> node.getSql().database(name).rows(question.text(major), parameters).stream())
        .toList();
  }

  /** The answer to a question that has one row. */
  Row row(Question question, Object... parameters) {
    require(question);
    return node.getSql().row(question.text(major), parameters);
  }

  /**
   * Carries out a statement that acts, and answers one row.
   *
   * @param assumed the row that a dry run answers
   */
  Row act(Question statement, Row assumed, Object... parameters) {
    require(statement);
    return node.getSql().returning(assumed, statement.text(major), parameters);
  }

  private void require(Question question) {
    require(question.file().needs());
  }

  private void require(String privilege) {
    if (privilege.isEmpty() || may.contains(privilege)) {
      return;
    }
    Problem problem =
        switch (privilege) {
          case "replication" ->
              Problem.refused("role \"" + role + "\" must not drop a replication slot")
                  .hint("Allow it: ALTER ROLE \"" + role + "\" REPLICATION;");
          case "pg_signal_backend" ->
              Problem.refused("role \"" + role + "\" must not end the sessions of others")
                  .hint("Allow it: GRANT pg_signal_backend TO \"" + role + "\";");
          case "configuration_files" ->
              Problem.refused("role \"" + role + "\" must not look into the configuration files")
                  .hint("Use a superuser, or grant what the view pg_file_settings needs.");
          default ->
              Problem.refused("role \"" + role + "\" must not see what other sessions do")
                  .hint("Allow it: GRANT " + privilege + " TO \"" + role + "\";");
        };
    throw problem.state("nothing was changed");
  }

  /**
   * Makes sure that we may vacuum tables of others.
   *
   * @throws Problem with exit 3 if not: the server would only warn, and vacuum nothing
   */
  void requireMaintenance() {
    if (may.contains("superuser") || may.contains("pg_maintain")) {
      return;
    }
    throw Problem.refused("role \"" + role + "\" must not vacuum the tables of others")
        .hint(
            major >= MAINTAIN
                ? "Allow it: GRANT pg_maintain TO \"" + role + "\";"
                : "Use a superuser: only from PostgreSQL 17 on there is pg_maintain.")
        .state("nothing was changed");
  }

  /**
   * Makes sure that it takes writes.
   *
   * @throws Problem with exit 3 if it is a standby
   */
  void requirePrimary() {
    if (inRecovery) {
      throw Problem.refused(node + " is a standby, and this is done on a primary")
          .hint("Leave out -p node, or name the primary.")
          .state("nothing was changed");
    }
  }
}
