package org.pgrunbook.replication;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.pgrunbook.Durations;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * What a standby last heard from the server that it streams from, by its own clock.
 *
 * @param standby the witness
 * @param streams whether its WAL receiver is connected
 * @param sender host and port of the server that it streams from
 * @param age how long ago the last message came; zero unless it streams
 * @param interval how often it reports to the sender
 * @param patience after so long it gives the sender up; zero: never
 * @see <a
 *     href="https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-WAL-RECEIVER-VIEW">pg_stat_wal_receiver</a>
 */
record Heard(
    Node standby,
    boolean streams,
    String sender,
    Duration age,
    Duration interval,
    Duration patience) {
  private static final Duration USUAL_INTERVAL = Duration.ofSeconds(10);

  private static final String QUERY =
      """
      select coalesce(receiver.status = 'streaming', false) as streams,
             coalesce(receiver.sender_host, '') || ':' || coalesce(receiver.sender_port, 0) as sender,
             coalesce(extract(epoch from clock_timestamp() - receiver.last_msg_receipt_time), 0)
               as age,
             (select setting::bigint from pg_settings
              where name = 'wal_receiver_status_interval') as interval,
             (select setting::bigint from pg_settings where name = 'wal_receiver_timeout') as timeout
      from (select) as one left join pg_stat_wal_receiver receiver on true\
      """;

  static Heard by(Node standby) {
    Row row = standby.getSql().row(QUERY);
    Duration interval = Duration.ofSeconds(row.number("interval"));
    return new Heard(
        standby,
        row.bool("streams"),
        row.text("sender"),
        Duration.ofMillis(row.decimal("age").movePointRight(3).longValue()),
        interval.isZero() ? USUAL_INTERVAL : interval,
        Duration.ofMillis(row.number("timeout")));
  }

  /** Whether a message is so fresh that its sender must be alive. */
  boolean isProofOfLife() {
    return streams && age.compareTo(interval.multipliedBy(2)) <= 0;
  }

  /**
   * Whether a living sender would have been heard. An idle one may say nothing for half of
   * wal_receiver_timeout; then the receiver asks it, and it answers at once.
   */
  boolean isProofOfSilence() {
    return !streams || (patience.isPositive() && !openFor().isPositive());
  }

  /** How long until its silence proves something; the longest of all if it never does. */
  Duration openFor() {
    return patience.isPositive()
        ? patience.dividedBy(2).plus(Assessment.SILENCE).minus(age)
        : ChronoUnit.FOREVER.getDuration();
  }

  /** The same in words. */
  String waits() {
    return patience.isPositive()
        ? "%s waits for it %s more".formatted(standby, Durations.show(openFor()))
        : "%s waits for ever, as its wal_receiver_timeout is 0".formatted(standby);
  }

  Signal signal() {
    return new Signal(
        "WAL receiver of " + standby,
        streams
            ? "connected to " + sender + ", heard it " + Durations.show(age) + " ago"
            : "not connected");
  }
}
