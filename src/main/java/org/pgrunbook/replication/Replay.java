package org.pgrunbook.replication;

import java.time.Duration;
import java.util.Optional;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * How far a standby has come.
 *
 * @param timeline of the WAL that it replays
 * @param received up to where WAL was received and is on its disk; may go back to the start of a
 *     segment after a restart, and is {@link Lsn#NONE} in archive recovery (P63)
 * @param replayed up to where it was applied
 * @param done whether it has applied all that it can get: it waits for more WAL
 * @param paused whether somebody has paused it, which would hold a promotion up (P64)
 * @param delay recovery_min_apply_delay
 * @see <a href="https://www.postgresql.org/docs/current/functions-admin.html">Recovery information
 *     functions</a>
 */
public record Replay(
    int timeline, Lsn received, Lsn replayed, boolean done, boolean paused, Duration delay) {

  /**
   * pg_control learns of a new timeline late, and the WAL receiver forgets it when it ends; the
   * newest segment of the last byte that was applied is always there. What was received may end in
   * the midst of a record, so whether all is applied is seen by what the startup process waits for.
   */
  private static final String QUERY =
      """
      with here as (
          select pg_last_wal_receive_lsn() as received, pg_last_wal_replay_lsn() as replayed,
                 (select setting::bigint from pg_settings where name = 'wal_segment_size') as size),
      segment as (
          select div(replayed - '0/0' - 1, size)::bigint as number, (4294967296 / size)::bigint as per_file
          from here)
      select greatest((select timeline_id from pg_control_checkpoint()),
                      (select min_recovery_end_timeline from pg_control_recovery()),
                      (select max(('x' || substr(name, 1, 8))::bit(32)::bigint)
                       from pg_ls_waldir(), segment
                       where name ~ '^[0-9A-F]{24}$'
                         and substr(name, 9) = upper(lpad(to_hex(number / per_file), 8, '0')
                                                     || lpad(to_hex(number % per_file), 8, '0'))))
               ::bigint as timeline,
             coalesce(received, '0/0')::text as received,
             coalesce(replayed, '0/0')::text as replayed,
             replayed >= received
               or exists (select from pg_stat_activity
                          where backend_type = 'startup'
                            and wait_event in ('RecoveryWalStream', 'RecoveryRetrieveRetryInterval'))
               as done,
             pg_get_wal_replay_pause_state() <> 'not paused' as paused,
             (select setting::bigint from pg_settings where name = 'recovery_min_apply_delay') as delay
      from here\
      """;

  /**
   * Asks a standby.
   *
   * @throws Problem with exit 1 if it is none
   */
  static Replay of(Node node) {
    Row row = node.getSql().row(QUERY);
    return new Replay(
        row.as(Integer.class, "timeline"),
        Lsn.parse(row.text("received")),
        Lsn.parse(row.text("replayed")),
        Optional.ofNullable(row.bool("done")).orElse(false),
        row.bool("paused"),
        Duration.ofMillis(row.number("delay")));
  }

  /** The later of what was received and what was applied. */
  public Lsn end() {
    return Lsn.latest(received, replayed);
  }
}
