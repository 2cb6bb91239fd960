-- Who gets WAL from this server, what its clients have not replayed, and for how long commits wait for
-- that.
-- unit: bytes; an interval
-- needs: pg_monitor
-- see: monitoring-stats.html#MONITORING-PG-STAT-REPLICATION-VIEW
select application_name as application, coalesce(host(client_addr), 'local') as client,
       (select slot_name from pg_replication_slots s where s.active_pid = r.pid) as slot,
       state, sync_state as sync,
       pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_receive_lsn()
                            else pg_current_wal_lsn() end, replay_lsn) as lag,
       replay_lag as delay
from pg_stat_replication r order by 1
