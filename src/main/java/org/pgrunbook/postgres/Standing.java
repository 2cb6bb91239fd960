package org.pgrunbook.postgres;

import java.util.Optional;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.NodeSpec.Role;
import org.pgrunbook.sql.Row;

/**
 * How a node really stands, as opposed to what the inventory declares.
 *
 * @param node the node
 * @param declared the inventory's claim
 * @param kind what it is
 * @param timeline the timeline it is on; 0 if unknown
 * @param lsn a primary's write position; a standby's greater of received and replayed
 * @param systemIdentifier which database system it is a copy of; empty if unknown
 * @param version of the server, {@code 18.6}; empty if unknown
 * @param remark why nothing is known, or what stands out
 */
public record Standing(
    Node node,
    Role declared,
    Kind kind,
    int timeline,
    Lsn lsn,
    String systemIdentifier,
    String version,
    String remark) {

  /** What a node is. */
  public enum Kind {
    /** It takes writes. */
    PRIMARY,
    /** It is in recovery. */
    STANDBY,
    /** It is declared to have no server. */
    SPARE,
    /** Its server does not let us in. */
    UNREACHABLE
  }

  /**
   * A standby's timeline is the greater of its last restartpoint's and of its recovery's, because
   * it follows a promotion before it writes the next restartpoint. Its LSN is the greater of
   * received and replayed: the first is null in archive recovery and goes back to the start of a
   * segment after a restart.
   */
  private static final String QUERY =
      """
      select pg_is_in_recovery() as in_recovery,
             (select system_identifier::text from pg_control_system()) as system_identifier,
             current_setting('server_version') as version,
             case when pg_is_in_recovery()
                  then greatest((select timeline_id from pg_control_checkpoint()),
                                (select min_recovery_end_timeline from pg_control_recovery()))::bigint
                  else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint
             end as timeline,
             case when pg_is_in_recovery()
                  then greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
                  else pg_current_wal_lsn()
             end::text as lsn\
      """;

  /** Asks the node. That it cannot be reached is an answer, not a failure. */
  public static Standing of(Node node) {
    Role declared = node.spec().role();
    if (declared == Role.SPARE) {
      return new Standing(node, declared, Kind.SPARE, 0, Lsn.NONE, "", "", "");
    }
    try {
      Row row = node.getSql().row(QUERY);
      return new Standing(
          node,
          declared,
          row.bool("in_recovery") ? Kind.STANDBY : Kind.PRIMARY,
          row.as(Integer.class, "timeline"),
          Optional.ofNullable(row.text("lsn")).map(Lsn::parse).orElse(Lsn.NONE),
          row.text("system_identifier"),
          row.text("version").replaceFirst(" .*", ""),
          "");
    } catch (Problem e) {
      if (e.exit() == Exit.UNREACHABLE || e.exit() == Exit.FAILED) {
        return new Standing(node, declared, Kind.UNREACHABLE, 0, Lsn.NONE, "", "", e.fact());
      }
      throw e;
    }
  }

  boolean isWritable() {
    return kind == Kind.PRIMARY;
  }

  @Override
  public String toString() {
    return node + " (timeline " + timeline + ", " + lsn + ")";
  }
}
