package org.pgrunbook.diagnosis;

/**
 * Every question to PostgreSQL's catalogs and statistics views. Each runs unchanged on 15 to 18 and
 * needs at most pg_monitor: a setting of a newer version is asked with missing_ok, a newer column
 * through {@code to_jsonb}, so that it is NULL where it does not exist.
 *
 * @see <a href="https://www.postgresql.org/docs/current/monitoring-stats.html">The cumulative
 *     statistics system</a>
 */
final class Catalog {
  /**
   * Who we are and what we may: flags.
   *
   * @see <a href="https://www.postgresql.org/docs/current/predefined-roles.html">Predefined
   *     roles</a>
   */
  static final String PRIVILEGES =
      """
      select current_user as role,
             pg_has_role('pg_read_all_stats', 'usage') as sees_others,
             pg_has_role('pg_signal_backend', 'usage') as ends_others\
      """;

  /**
   * How many connections ordinary users have, and may have: sessions. Reserved slots do not count
   * as available; walsenders, autovacuum and other workers have slots of their own.
   *
   * @see <a href="https://www.postgresql.org/docs/current/runtime-config-connection.html">
   *     max_connections</a>
   */
  static final String CONNECTION_USAGE =
      """
      select (select count(*) from pg_stat_activity where backend_type = 'client backend') as used,
             current_setting('max_connections')::int as max_connections,
             current_setting('superuser_reserved_connections')::int
               + coalesce(current_setting('reserved_connections', true)::int, 0) as reserved\
      """;

  /** Whose sessions are left alone: true for those. Takes the users and the applications. */
  private static final String LEFT_ALONE =
      """
      (a.usename::text = any(?::text[])
       or exists (select from unnest(?::text[]) as protected(name)
                  where starts_with(lower(a.application_name), lower(protected.name)))
       or current_setting('is_superuser') = 'off'
          and exists (select from pg_roles r where r.oid = a.usesysid and r.rolsuper))\
      """;

  /**
   * The clients' sessions but our own: seconds as intervals, instants by the server's clock.
   *
   * @see <a
   *     href="https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW">
   *     pg_stat_activity</a>
   */
  static final String CLIENTS =
      """
      select a.pid, a.backend_start, a.state_change, a.usename as "user", a.datname as database,
             a.application_name as application, coalesce(host(a.client_addr), 'local') as client,
             coalesce(a.state, 'unknown') as state,
             greatest(clock_timestamp() - a.state_change, '0') as since,
             greatest(clock_timestamp() - a.backend_start, '0') as age,
             case when a.state = 'active' then a.wait_event_type end as waits,
             coalesce((select r.rolsuper from pg_roles r where r.oid = a.usesysid), false)
               as superuser,
             %s as left_alone
      from pg_stat_activity a
      where a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
      order by a.state_change\
      """
          .formatted(LEFT_ALONE);

  /**
   * Ends sessions that are still what they were when they were chosen: the same process, and
   * nothing done since. Takes pids, starts and changes of state, then the users and applications
   * that are left alone. Never a walsender or a worker, never our own session; waits up to 5
   * seconds for each.
   *
   * @see <a
   *     href="https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-SIGNAL">
   *     pg_terminate_backend</a>
   */
  static final String END_CLIENTS =
      """
      select coalesce(array_agg(pid) filter (where ended), '{}') as ended,
             coalesce(array_agg(pid) filter (where not ended), '{}') as alive
      from (select a.pid, pg_terminate_backend(a.pid, 5000) as ended
            from pg_stat_activity a
            join unnest(?::int[], ?::timestamptz[], ?::timestamptz[])
                   as chosen(pid, backend_start, state_change)
              using (pid, backend_start, state_change)
            where a.backend_type = 'client backend'
              and a.pid <> pg_backend_pid()
              and a.state in ('idle', 'idle in transaction', 'idle in transaction (aborted)')
              and not %s) as acted\
      """
          .formatted(LEFT_ALONE);

  /**
   * Limits of roles and databases that have one, and how much of it is taken: sessions.
   *
   * @see <a
   *     href="https://www.postgresql.org/docs/current/catalog-pg-database.html">datconnlimit</a>
   */
  static final String CONNECTION_LIMITS =
      """
      select 'role' as kind, rolname as name, rolconnlimit as "limit",
             (select count(*) from pg_stat_activity a
              where a.usesysid = r.oid and a.backend_type = 'client backend') as used
      from pg_roles r where rolconnlimit >= 0 and not rolsuper
      union all
      select 'database', datname, datconnlimit,
             (select count(*) from pg_stat_activity a
              where a.datid = d.oid and a.backend_type = 'client backend')
      from pg_database d where datconnlimit >= 0
      order by 1, 2\
      """;

  /**
   * How a standby gets its WAL, and from where: LSNs, and the age of the last replayed commit as an
   * interval. That age is 0 when all that was received is replayed: on an idle primary it would
   * grow for ever (P89).
   *
   * @see <a
   *     href="https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-WAL-RECEIVER-VIEW">
   *     pg_stat_wal_receiver</a>
   */
  static final String RECEPTION =
      """
      select coalesce((select status || ' from ' || sender_host || ':' || sender_port
                       from pg_stat_wal_receiver), 'no receiver')
             || case when pg_is_wal_replay_paused() then ', replay paused' else '' end as receiver,
             (select sender_host from pg_stat_wal_receiver) as sender_host,
             (select sender_port from pg_stat_wal_receiver) as sender_port,
             (select slot_name from pg_stat_wal_receiver) as slot,
             coalesce(nullif(current_setting('cluster_name'), ''), 'walreceiver') as application,
             pg_last_wal_replay_lsn()::text as replayed,
             case when pg_last_wal_receive_lsn() is distinct from pg_last_wal_replay_lsn()
                  then greatest(clock_timestamp() - pg_last_xact_replay_timestamp(), '0')
                  else '0'::interval end as delay\
      """;

  /**
   * Who gets WAL from this server: bytes that its clients have not replayed, and for how long
   * commits wait for that.
   *
   * @see <a
   *     href="https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-REPLICATION-VIEW">
   *     pg_stat_replication</a>
   */
  static final String WAL_SENDERS =
      """
      select application_name as application, coalesce(host(client_addr), 'local') as client,
             (select slot_name from pg_replication_slots s where s.active_pid = r.pid) as slot,
             state, sync_state as sync,
             pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_receive_lsn()
                                  else pg_current_wal_lsn() end, replay_lsn) as lag,
             replay_lag as delay
      from pg_stat_replication r order by 1\
      """;

  /**
   * What holds WAL back: bytes that each slot keeps. A slot that was never used keeps none.
   *
   * @see <a href="https://www.postgresql.org/docs/current/view-pg-replication-slots.html">
   *     pg_replication_slots</a>
   */
  static final String SLOTS =
      """
      select slot_name as slot, slot_type as type, active,
             coalesce(wal_status, 'never used') as status,
             pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_receive_lsn()
                                  else pg_current_wal_lsn() end, restart_lsn) as retained,
             to_jsonb(s) ->> 'invalidation_reason' as reason
      from pg_replication_slots s where not temporary order by 1\
      """;

  /**
   * How archiving goes: whether the last attempt failed, what was archived last and when.
   *
   * @see <a
   *     href="https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ARCHIVER-VIEW">
   *     pg_stat_archiver</a>
   */
  static final String ARCHIVER =
      """
      select current_setting('archive_mode') as mode,
             last_archived_wal as last,
             last_archived_time as archived,
             case when last_failed_time > coalesce(last_archived_time, '-infinity')
                  then last_failed_wal end as failing
      from pg_stat_archiver\
      """;

  private Catalog() {}
}
