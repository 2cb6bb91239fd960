package org.pgrunbook.diagnosis;

import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * What our own role may do on a server.
 *
 * @param role its name
 * @param seesOthers whether it sees what other sessions do: pg_monitor
 * @param endsOthers whether it may end them: pg_signal_backend
 */
record Privileges(String role, boolean seesOthers, boolean endsOthers) {

  static Privileges of(Node node) {
    Row row = node.getSql().row(Catalog.PRIVILEGES);
    return new Privileges(row.text("role"), row.bool("sees_others"), row.bool("ends_others"));
  }

  /** Without it the states of others are hidden, and nothing tells who is idle. */
  void requireToSeeOthers() {
    require(seesOthers, "see what other sessions do", "pg_monitor");
  }

  void requireToEndOthers() {
    require(endsOthers, "end the sessions of others", "pg_signal_backend");
  }

  private void require(boolean may, String what, String needed) {
    if (!may) {
      throw Problem.refused("role \"" + role + "\" must not " + what)
          .hint("Allow it: GRANT " + needed + " TO \"" + role + "\";")
          .state("nothing was changed");
    }
  }
}
