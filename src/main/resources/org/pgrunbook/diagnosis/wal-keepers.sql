-- What keeps old WAL in pg_wal, and how much each: a slot, files that are not archived, wal_keep_size, what
-- was written since the last checkpoint began and, from PostgreSQL 17 on, what the summarizer has not read.
-- unit: bytes
-- needs: pg_monitor
-- see: wal-configuration.html
with place as
  (select case when pg_is_in_recovery()
               then coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
               else pg_current_wal_lsn() end as lsn,
          pg_size_bytes(current_setting('wal_segment_size')) as segment)
select 'WAL_KEEP_SIZE' as what, 'wal_keep_size' as name,
       pg_size_bytes(current_setting('wal_keep_size')) as keeps
union all
select 'CHECKPOINT', 'the next checkpoint', greatest(pg_wal_lsn_diff(lsn, redo_lsn), 0)::bigint
from place, pg_control_checkpoint()
union all
select 'ARCHIVER', 'the archiver', (count(*) * max(segment))::bigint
from place left join pg_ls_archive_statusdir() on name like '%.ready' having count(name) > 0
union all
select case when active then 'SLOT' else 'INACTIVE_SLOT' end, slot_name,
       greatest(pg_wal_lsn_diff(lsn, restart_lsn), 0)::bigint
from place, pg_replication_slots where restart_lsn is not null
order by 3 desc
-- from 17
select * from (
{wal-keepers}) as keepers
union all
select 'SUMMARIZER', 'the WAL summarizer',
       greatest(pg_wal_lsn_diff(
                  case when pg_is_in_recovery()
                       then coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
                       else pg_current_wal_lsn() end, summarized_lsn), 0)::bigint
from pg_get_wal_summarizer_state() where current_setting('summarize_wal') = 'on'
order by 3 desc
