package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.List;
import org.pgrunbook.Changes;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Node;

/** The verbs on tables, indexes and transactions, as runbooks use them on nodes. */
public final class DataVerbs {
  private DataVerbs() {}

  /**
   * The transactions that were prepared for a two-phase commit and not decided.
   *
   * @param longer how long one may wait
   * @throws Problem with exit 3 if our role lacks pg_monitor
   * @see <a
   *     href="https://www.postgresql.org/docs/current/view-pg-prepared-xacts.html">pg_prepared_xacts</a>
   */
  public static PreparedTransactions preparedTransactions(Node node, Duration longer) {
    return PreparedTransactions.of(Server.of(node), longer);
  }

  /**
   * Commits a prepared transaction or rolls it back, in its database, if it still is the one that
   * was chosen. What the other databases of its distributed transaction did is not known here.
   *
   * @param chosen of {@link #preparedTransactions}
   * @param outcome {@code COMMIT} or {@code ROLLBACK}
   * @return whether it was still there
   * @see <a href="https://www.postgresql.org/docs/current/sql-commit-prepared.html">COMMIT
   *     PREPARED</a>
   */
  @Changes
  public static boolean decide(
      Node node, PreparedTransactions.Prepared chosen, PreparedTransactions.Outcome outcome) {
    return Doubt.repeatable(() -> PreparedTransactions.decide(node, chosen, outcome));
  }

  /**
   * The indexes of all databases whose build failed.
   *
   * @see <a
   *     href="https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY">Building
   *     indexes concurrently</a>
   */
  public static InvalidIndexes getInvalidIndexes(Node node) {
    return InvalidIndexes.of(Server.of(node));
  }

  /**
   * Builds an invalid index anew without blocking writes; drops it if it only was left beside its
   * original. Takes up to 12 hours.
   *
   * @param index of {@link #getInvalidIndexes}
   * @throws Problem with exit 3 if it is not invalid any more
   * @see <a
   *     href="https://www.postgresql.org/docs/current/sql-reindex.html#SQL-REINDEX-CONCURRENTLY">Rebuilding
   *     indexes concurrently</a>
   */
  @Changes
  public static void mend(Node node, InvalidIndexes.Index index) {
    Doubt.repeatable(() -> InvalidIndexes.mend(node, index));
  }

  /**
   * The indexes of all databases that no node of the cluster uses, those that are there twice, and
   * the foreign keys without one.
   *
   * @param limit from which size on an index, or the table of a foreign key, is looked at
   * @throws Problem with exit 3 if our role lacks pg_monitor
   * @see <a
   *     href="https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ALL-INDEXES-VIEW">pg_stat_all_indexes</a>
   */
  public static Indexes indexes(Node node, Cluster cluster, DataSize limit) {
    return Indexes.of(Server.of(node), cluster, limit);
  }

  /**
   * How much of the files of tables and btree indexes of all databases is free room, estimated from
   * the statistics of the planner; measured, if the extension pgstattuple is there and a table
   * seems to be half empty. What has no statistics, or ones that our role must not see, is named.
   *
   * @param limit from which size on a table or an index is looked at
   * @throws Problem with exit 3 if our role lacks pg_monitor
   * @see <a href="https://www.postgresql.org/docs/current/storage-page-layout.html">Database page
   *     layout</a>
   */
  public static Bloat bloat(Node node, DataSize limit) {
    return Bloat.of(Server.of(node), limit);
  }

  /**
   * How much of their numbers the sequences of all databases have used.
   *
   * @param limit from how many percent on it is too much
   * @see <a href="https://www.postgresql.org/docs/current/view-pg-sequences.html">pg_sequences</a>
   */
  public static Sequences sequences(Node node, int limit) {
    return Sequences.of(Server.of(node), limit);
  }

  /**
   * Gives a sequence the numbers of a bigint, if its column can hold them.
   *
   * @param sequence of {@link #sequences}
   * @throws Problem with exit 3 if it cannot
   * @see <a href="https://www.postgresql.org/docs/current/sql-altersequence.html">ALTER
   *     SEQUENCE</a>
   */
  @Changes
  public static void widen(Node node, Sequences.Sequence sequence) {
    Doubt.repeatable(() -> Sequences.widen(node, sequence));
  }

  /**
   * How far its databases are from running out of transaction ids.
   *
   * @param limit how many transactions, or multixacts, old the oldest row that is not frozen may be
   * @see <a
   *     href="https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-WRAPAROUND">Preventing
   *     transaction id wraparound failures</a>
   */
  public static FreezeAge freezeAge(Node node, long limit) {
    return FreezeAge.of(Server.of(node), limit);
  }

  /**
   * The tables of all databases with a row that is not frozen and older than this, the oldest
   * first.
   *
   * @param transactions how many transactions old
   */
  public static List<FreezeAge.Table> tablesOlderThan(Node node, long transactions) {
    return FreezeAge.tables(Server.of(node), transactions);
  }

  /**
   * Freezes the rows of tables of one database, the indexes left as they are. Takes up to 12 hours;
   * a table that somebody locks, such as a vacuum in progress, is left out.
   *
   * @param tables of {@link #tablesOlderThan}, all of one database
   * @throws Problem with exit 3 if our role must not vacuum them
   * @see <a href="https://www.postgresql.org/docs/current/sql-vacuum.html">VACUUM</a>
   */
  @Changes
  public static void freeze(Node node, List<FreezeAge.Table> tables) {
    FreezeAge.freeze(Server.of(node), tables);
  }

  /**
   * Who keeps VACUUM from removing and freezing rows, the one that keeps the oldest first.
   *
   * @throws Problem with exit 3 if our role lacks pg_monitor
   * @see <a
   *     href="https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-WRAPAROUND">What
   *     keeps rows from being frozen</a>
   */
  public static List<XminHolder> getXminHolders(Node node) {
    return XminHolder.of(Server.of(node));
  }

  /**
   * The vacuums in progress.
   *
   * @see <a
   *     href="https://www.postgresql.org/docs/current/progress-reporting.html#VACUUM-PROGRESS-REPORTING">pg_stat_progress_vacuum</a>
   */
  public static List<DeadRows.Vacuum> getVacuums(Node node) {
    return DeadRows.vacuums(Server.of(node));
  }

  /**
   * The tables of all databases that autovacuum is behind with.
   *
   * @param limit from how many dead rows of a table on it matters
   * @see <a href="https://www.postgresql.org/docs/current/routine-vacuuming.html#AUTOVACUUM">The
   *     autovacuum daemon</a>
   */
  public static DeadRows deadRows(Node node, long limit) {
    return DeadRows.of(Server.of(node), limit);
  }

  /**
   * Vacuums a table gently and refreshes its statistics. Takes up to 12 hours; it is left alone if
   * somebody locks it.
   *
   * @param table of {@link #deadRows}
   * @throws Problem with exit 3 if our role must not vacuum it
   * @see <a href="https://www.postgresql.org/docs/current/sql-vacuum.html">VACUUM</a>
   */
  @Changes
  public static void vacuum(Node node, DeadRows.Table table) {
    DeadRows.vacuum(Server.of(node), table);
  }

  /**
   * Lets autovacuum come to a table again for which it was turned off.
   *
   * @param table of {@link #deadRows}
   * @see <a
   *     href="https://www.postgresql.org/docs/current/sql-createtable.html#RELOPTION-AUTOVACUUM-ENABLED">autovacuum_enabled</a>
   */
  @Changes
  public static void enableAutovacuum(Node node, DeadRows.Table table) {
    DeadRows.enable(Server.of(node), table);
  }

  /**
   * The temporary files of the sessions of that moment.
   *
   * @param limit how much one session may have
   * @param activity of {@link DiagnosisVerbs#activity}
   * @see <a
   *     href="https://www.postgresql.org/docs/current/runtime-config-resource.html#GUC-TEMP-FILE-LIMIT">temp_file_limit</a>
   */
  public static TempFiles tempFiles(Node node, Activity activity, DataSize limit) {
    return TempFiles.of(Server.of(node), activity, limit);
  }

  /**
   * How full the file systems are that the server's files lie on; asked of its host.
   *
   * @param deep whether to count what each of its folders takes: 5 min at most
   * @throws Problem with exit 5 if the host cannot be reached
   */
  public static DiskUsage diskUsage(Node node, Cluster cluster, boolean deep) {
    return DiskUsage.of(cluster, node, deep);
  }

  /**
   * The log files that the server has rotated away and not written for longer.
   *
   * @param older for how long
   * @see <a href="https://www.postgresql.org/docs/current/logfile-maintenance.html">Log file
   *     maintenance</a>
   */
  public static ServerLogs oldLogs(Node node, Duration older) {
    return ServerLogs.of(node, older);
  }

  /**
   * Removes log files that still are what they were when they were looked at.
   *
   * @param logs of {@link #oldLogs}
   */
  @Changes
  public static void removeLogs(Node node, ServerLogs logs) {
    logs.remove();
  }
}
