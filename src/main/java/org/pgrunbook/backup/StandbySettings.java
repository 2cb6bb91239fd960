package org.pgrunbook.backup;

import java.util.List;
import java.util.Map;
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
    PostgresConf result = conf;
    for (Map.Entry<String, Integer> setting : control.minimums().entrySet()) {
      int set = conf.value(setting.getKey()).map(Integer::parseInt).orElse(0);
      if (setting.getValue() > set) {
        result = result.with(setting.getKey(), String.valueOf(setting.getValue()));
      }
    }
    return result;
  }
}
