package org.pgrunbook.replication;

import java.util.List;

/**
 * For whom commits are to wait.
 *
 * @param before synchronous_standby_names as it is
 * @param after as it will be; empty: commits wait for nobody
 * @param number how many have to confirm a commit
 * @param members the standbys that may
 * @param warnings what somebody should know before it is done
 * @see <a href="https://www.postgresql.org/docs/current/warm-standby.html#SYNCHRONOUS-REPLICATION">
 *     Synchronous replication</a>
 */
public record SyncPlan(
    String before, String after, int number, List<Member> members, List<String> warnings) {

  /**
   * A standby that commits are to wait for.
   *
   * @param standby the standby
   * @param name by which it streams, its application_name
   * @param own its own synchronous_standby_names, which counts once it is promoted
   */
  public record Member(org.pgrunbook.postgres.Node standby, String name, String own) {}

  /** Whether it is so already. */
  public boolean isDone() {
    return before.equals(after);
  }

  /** For whom commits wait, in words. */
  public static String words(String names) {
    return names.isEmpty() ? "nobody" : names;
  }

  List<String> names() {
    return members.stream().map(Member::name).toList();
  }
}
