package org.pgrunbook.backup;

import java.util.List;
import org.pgrunbook.postgres.ControlFile;
import org.pgrunbook.postgres.PostgresConf;

/**
 * The settings that a standby, and so a recovery, needs at least as high as the server had them
 * (P49).
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-ADMIN">Administrator's
 *     overview</a>
 */
final class StandbySettings {
  static final List<String> NAMES =
      List.of(
          "max_connections",
          "max_worker_processes",
          "max_wal_senders",
          "max_prepared_transactions",
          "max_locks_per_transaction");

  private StandbySettings() {}

  /** The configuration with those raised that are lower than what pg_control asks for. */
  static PostgresConf raised(PostgresConf conf, ControlFile.Settings control) {
    return conf.raised(
        control.minimums(), name -> conf.value(name).map(Long::parseLong).orElse(0L));
  }
}
