-- Whether a standby gets its WAL from a server: whether it is told to, what its receiver does, and from where
-- on it needs WAL. A receiver says that it streams before it has proved to, and one that fails is started
-- anew, so that only one that has lived for a while does. Without primary_conninfo it takes all of it from the archive.
-- unit: a flag; an interval; an LSN
-- needs: pg_monitor
-- see: monitoring-stats.html#MONITORING-PG-STAT-WAL-RECEIVER-VIEW
select pg_is_in_recovery() and current_setting('primary_conninfo') <> '' as wanted,
       coalesce((select status from pg_stat_wal_receiver), 'no receiver') as receiver,
       (select clock_timestamp() - backend_start from pg_stat_activity
        where backend_type = 'walreceiver') as age,
       coalesce(current_setting('primary_slot_name'), '') as slot,
       coalesce(pg_last_wal_replay_lsn(), '0/0')::text as replayed
