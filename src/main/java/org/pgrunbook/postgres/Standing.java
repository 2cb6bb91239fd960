package org.pgrunbook.postgres;

import java.time.Duration;
import java.util.Optional;
import org.pgrunbook.Durations;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.NodeSpec.Role;
import org.pgrunbook.sql.Row;
import org.pgrunbook.sql.Sql;

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
 * @param obstacle why nothing is known; empty if we were let in
 */
public record Standing(
    Node node,
    Role declared,
    Kind kind,
    int timeline,
    Lsn lsn,
    String systemIdentifier,
    String version,
    Optional<Problem> obstacle) {

  /** What a node is. */
  public enum Kind {
    /** It takes writes. */
    PRIMARY,
    /** It is in recovery. */
    STANDBY,
    /** It is declared to have no server. */
    SPARE,
    /** Its server is there and does not let us in: it may well take writes. */
    LOCKED_OUT,
    /** Nothing answers there. */
    UNREACHABLE
  }

  /**
   * A standby's timeline is the greatest of its last restartpoint's, of its recovery's and of its
   * WAL receiver's, because it follows a promotion before it writes the next restartpoint. Its LSN
   * is the greater of received and replayed: the first is null in archive recovery and goes back to
   * the start of a segment after a restart.
   */
  private static final String QUERY =
      """
      select pg_is_in_recovery() as in_recovery,
             (select system_identifier::text from pg_control_system()) as system_identifier,
             current_setting('server_version') as version,
             case when pg_is_in_recovery()
                  then greatest((select timeline_id from pg_control_checkpoint()),
                                (select min_recovery_end_timeline from pg_control_recovery()),
                                (select received_tli from pg_stat_wal_receiver))::bigint
                  else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint
             end as timeline,
             case when pg_is_in_recovery()
                  then greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
                  else pg_current_wal_lsn()
             end::text as lsn\
      """;

  /**
   * Asks the node. That it cannot be reached is an answer, not a failure. A spare is not asked:
   * what runs there, such as a restored copy, is no part of the cluster.
   */
  public static Standing of(Node node) {
    return node.spec().role() == Role.SPARE
        ? unknown(node, Kind.SPARE, Optional.empty())
        : ask(node);
  }

  /** Asks the node, even a spare. */
  public static Standing ask(Node node) {
    Role declared = node.spec().role();
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
          Optional.empty());
    } catch (Problem e) {
      if (e.exit() == Exit.UNREACHABLE || e.exit() == Exit.FAILED) {
        Kind kind = Sql.answered(e) ? Kind.LOCKED_OUT : Kind.UNREACHABLE;
        return unknown(node, kind, Optional.of(e));
      }
      throw e;
    }
  }

  /** A node that was not waited for any longer. */
  public static Standing silent(Node node, Duration limit) {
    Problem obstacle = Problem.unreachable("no answer within " + Durations.show(limit));
    return unknown(node, Kind.UNREACHABLE, Optional.of(obstacle));
  }

  private static Standing unknown(Node node, Kind kind, Optional<Problem> obstacle) {
    return new Standing(node, node.spec().role(), kind, 0, Lsn.NONE, "", "", obstacle);
  }

  /** Whether it is in doubt what the node is. */
  public boolean isUnknown() {
    return obstacle.isPresent();
  }

  /** What its server answered, also if it let nobody in; empty if nothing (P69). */
  public Optional<String> answer() {
    return switch (kind) {
      case PRIMARY -> Optional.of("it takes writes");
      case STANDBY -> Optional.of("it is up, as a standby");
      case LOCKED_OUT -> Optional.of("it answers: " + remark());
      case SPARE, UNREACHABLE -> Optional.empty();
    };
  }

  /** Why nothing is known, as a fact; empty if we were let in. */
  public String remark() {
    return obstacle.map(Problem::fact).orElse("");
  }

  /** What the inventory should declare; as it does where nothing is known. */
  Role claim() {
    return switch (kind) {
      case PRIMARY -> Role.PRIMARY;
      case STANDBY -> Role.STANDBY;
      // A former primary that is out of reach comes back as a standby, or not at all.
      case UNREACHABLE -> Role.STANDBY;
      case LOCKED_OUT, SPARE -> declared;
    };
  }

  /** Whether it is what the inventory claims, as far as is known. */
  public boolean isAsDeclared() {
    return isUnknown() || claim() == declared;
  }

  boolean isWritable() {
    return kind == Kind.PRIMARY;
  }

  @Override
  public String toString() {
    return node + " (timeline " + timeline + ", " + lsn + ")";
  }
}
