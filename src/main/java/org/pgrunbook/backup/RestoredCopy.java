package org.pgrunbook.backup;

import java.util.List;
import java.util.Map;
import org.pgrunbook.inventory.SqlSettings;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;
import org.pgrunbook.ssh.Shell;

/**
 * A restored server that takes writes, but belongs to no cluster (P47, P48).
 *
 * @param address where it listens, {@code host:port}
 * @param psql the command that connects to it
 * @param detached what of a cluster's member it does not do, as the server itself says
 * @param next what its user would do next, each a sentence
 */
public record RestoredCopy(String address, String psql, String detached, List<String> next) {

  /** Asks the server itself: it may have settings that nobody here wrote. */
  static RestoredCopy of(Node node, RestorePlan plan) {
    Row assumed =
        Row.of(Map.of("archiving", "off", "recovering", false, "standbys", 0L, "workers", "0"));
    Row server =
        node.run().means().outcome("it is detached from its cluster", assumed, () -> ask(node));
    SqlSettings sql = node.spec().sql();
    String psql =
        "psql "
            + Shell.quote(
                List.of(
                    "host=%s port=%d user=%s dbname=%s"
                        .formatted(sql.host(), sql.port(), sql.user(), sql.database())));
    String detached =
        "archive_mode is %s, it follows nobody, %s standbys follow it, and %s workers apply subscriptions"
            .formatted(server.text("archiving"), server.number("standbys"), server.text("workers"));
    String cluster = plan.backup().cluster();
    return new RestoredCopy(
        sql.host() + ":" + sql.port(),
        psql,
        detached,
        List.of(
            "Look whether what is missed is there, and bring it back into %s with pg_dump --table or COPY."
                .formatted(cluster),
            "Or let it take the place of %s: stop the old primary for good, ALTER SYSTEM RESET"
                    .formatted(cluster)
                + " archive_mode, synchronous_standby_names and max_logical_replication_workers,"
                + " restart it, make it the primary in the inventory, take a backup, clone the"
                + " standbys anew.",
            "Or stop it, and remove \"%s\".".formatted(node.getPostmaster().getData())));
  }

  private static Row ask(Node node) {
    return node.getSql()
        .row(
            """
            select current_setting('archive_mode') as archiving,
                   pg_is_in_recovery() as recovering,
                   (select count(*) from pg_stat_replication) as standbys,
                   current_setting('max_logical_replication_workers') as workers\
            """);
  }
}
