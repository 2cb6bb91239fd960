-- How archiving goes: whether the last attempt failed and since when none succeeded, what is archived
-- by what, and how many segments wait for it. Its counters begin at stats_reset; a command that ends
-- above 125 or by a signal is not counted as failed (P31), but what waits grows all the same.
-- unit: segments; instants by the server's clock; an interval
-- needs: pg_monitor
-- see: monitoring-stats.html#MONITORING-PG-STAT-ARCHIVER-VIEW
select current_setting('archive_mode') as mode,
       current_setting('archive_command') as command,
       current_setting('archive_library') as library,
       last_archived_wal as last,
       last_archived_time as archived,
       case when last_failed_time > coalesce(last_archived_time, '-infinity')
            then last_failed_wal end as failing,
       clock_timestamp() - coalesce(last_archived_time, stats_reset) as since,
       failed_count as failures,
       (select count(*) from pg_ls_archive_statusdir() where name like '%.ready') as waiting,
       (select system_identifier::text from pg_control_system()) as system_identifier
from pg_stat_archiver
