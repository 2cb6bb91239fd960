-- How far each receiver of WAL is behind, stage by stage: not yet sent, not yet written, not yet on its
-- disk, not yet replayed.
-- unit: bytes; an interval
-- needs: pg_monitor
-- see: monitoring-stats.html#MONITORING-PG-STAT-REPLICATION-VIEW
select application_name as application, coalesce(host(client_addr), 'local') as client, state,
       sync_state as sync, replay_lag as delay,
       coalesce(pg_wal_lsn_diff(now_at.lsn, sent_lsn), 0) as unsent,
       coalesce(pg_wal_lsn_diff(sent_lsn, write_lsn), 0) as unwritten,
       coalesce(pg_wal_lsn_diff(write_lsn, flush_lsn), 0) as unflushed,
       coalesce(pg_wal_lsn_diff(flush_lsn, replay_lsn), 0) as unreplayed
from pg_stat_replication
cross join (select case when pg_is_in_recovery() then pg_last_wal_receive_lsn()
                        else pg_current_wal_lsn() end as lsn) as now_at
where state <> 'backup'
order by pg_wal_lsn_diff(now_at.lsn, replay_lsn) desc nulls last, 1
