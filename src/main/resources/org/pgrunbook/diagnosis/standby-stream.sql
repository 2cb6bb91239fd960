-- Whether a standby gets its WAL from a server: whether it is told to, what its receiver does, and from where
-- on it needs WAL. Without primary_conninfo it takes all of it from the archive.
-- unit: a flag; an LSN
-- needs: pg_monitor
-- see: monitoring-stats.html#MONITORING-PG-STAT-WAL-RECEIVER-VIEW
select pg_is_in_recovery() and current_setting('primary_conninfo') <> '' as wanted,
       coalesce((select status from pg_stat_wal_receiver), 'no receiver') as receiver,
       coalesce(current_setting('primary_slot_name'), '') as slot,
       coalesce(pg_last_wal_replay_lsn(), '0/0')::text as replayed
