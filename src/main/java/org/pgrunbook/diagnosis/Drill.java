package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Session;

/**
 * A server on which an incident may be created for real, to be practised. Only a node with the tag
 * {@code drill} is one: the sandbox's nodes have it.
 */
public final class Drill implements AutoCloseable {
  private static final String TAG = "drill";

  private final Node node;
  private final List<Session> sessions = new ArrayList<>();

  private Drill(Node node) {
    this.node = node;
  }

  static Drill on(Node node) {
    if (!node.spec().tags().contains(TAG)) {
      throw Problem.refused("node \"" + node.fullName() + "\" is no place to practise")
          .hint("Practise in the sandbox: pgrunbook sandbox up.")
          .hint("If it may be broken, say so in the inventory: tags: [drill].")
          .state("nothing was changed");
    }
    return new Drill(node);
  }

  /** A session of an application: unlike one of pgrunbook's own, a playbook may end it. */
  public synchronized Session session(String application) {
    Session session = node.getSql().session();
    sessions.add(session);
    session.rename(application);
    return session;
  }

  /**
   * Waits until somebody has ended a session.
   *
   * @param limit fails (exit 1) when it has taken longer than this
   */
  public void awaitEnd(int pid, Duration limit) {
    await("select not exists (select from pg_stat_activity where pid = " + pid + ")", limit);
  }

  /**
   * Waits until the server answers true, in many short transactions: a long one would itself be in
   * the way of who builds an index.
   *
   * @param query what is asked, five times a second, in one operation of the journal
   * @param limit fails (exit 1) when it has taken longer than this
   */
  public void await(String query, Duration limit) {
    String wait =
        """
        do $$
        begin
          while (%s) is not true loop
            perform pg_sleep(0.2);
            commit;
          end loop;
        end $$\
        """
            .formatted(query);
    Doubt.repeatable(() -> node.getSql().timeout(limit).execute(wait));
  }

  /** Ends what is left of its sessions. */
  @Override
  public synchronized void close() {
    sessions.forEach(Session::close);
    sessions.clear();
  }
}
