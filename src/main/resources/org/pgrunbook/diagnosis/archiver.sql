-- How archiving goes: whether the last attempt failed, what was archived last and when.
-- unit: instants by the server's clock
-- needs: nothing
-- see: monitoring-stats.html#MONITORING-PG-STAT-ARCHIVER-VIEW
select current_setting('archive_mode') as mode,
       last_archived_wal as last,
       last_archived_time as archived,
       case when last_failed_time > coalesce(last_archived_time, '-infinity')
            then last_failed_wal end as failing
from pg_stat_archiver
