package org.pgrunbook.diagnosis;

import org.pgrunbook.postgres.Node;

/**
 * What was found out about one incident on one node.
 *
 * @param verdict how bad it is
 * @param incident which one, by its playbook's name without {@code incident/}
 * @param node where; null: the cluster
 * @param finding one sentence, with its figures
 * @param next the command to run next; null if nothing is to be done
 */
public record Finding(Verdict verdict, String incident, Node node, String finding, String next) {

  /** All is well. */
  public static Finding ok(String incident, Node node, String finding) {
    return new Finding(Verdict.OK, incident, node, finding, null);
  }

  /** Its playbook is what to run next. */
  public static Finding of(Verdict verdict, String incident, Node node, String finding) {
    return verdict == Verdict.OK
        ? ok(incident, node, finding)
        : new Finding(verdict, incident, node, finding, command(incident, node));
  }

  private static String command(String incident, Node node) {
    return "pgrunbook run incident/%s %s -p node=%s"
        .formatted(incident, node.spec().cluster(), node.getName());
  }
}
