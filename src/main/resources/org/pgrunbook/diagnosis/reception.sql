-- How a standby gets its WAL. The age of the last replayed commit is 0 when all that was received is
-- replayed: on an idle primary it would grow for ever (P89).
-- unit: LSNs; an interval
-- needs: pg_monitor
-- see: monitoring-stats.html#MONITORING-PG-STAT-WAL-RECEIVER-VIEW
select coalesce((select status || ' from ' || sender_host || ':' || sender_port
                 from pg_stat_wal_receiver), 'no receiver')
       || case when pg_is_in_recovery() then
            case when pg_is_wal_replay_paused() then ', replay paused' else '' end
          else '' end as receiver,
       (select sender_host from pg_stat_wal_receiver) as sender_host,
       (select sender_port from pg_stat_wal_receiver) as sender_port,
       (select slot_name from pg_stat_wal_receiver) as slot,
       coalesce(nullif(current_setting('cluster_name'), ''), 'walreceiver') as application,
       pg_last_wal_replay_lsn()::text as replayed,
       case when pg_last_wal_receive_lsn() is distinct from pg_last_wal_replay_lsn()
            then greatest(clock_timestamp() - pg_last_xact_replay_timestamp(), '0')
            else '0'::interval end as delay
