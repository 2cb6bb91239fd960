-- The vacuums in progress: of which table, how far, and whether it is one that prevents wraparound, which
-- must not be cancelled.
-- unit: percent of the table's pages; an interval
-- needs: pg_monitor
-- see: progress-reporting.html#VACUUM-PROGRESS-REPORTING
select p.pid, p.datname as database, a.query like '%(to prevent wraparound)' as forced, p.phase,
       a.query as what, clock_timestamp() - a.xact_start as runs,
       (100 * p.heap_blks_scanned / greatest(p.heap_blks_total, 1))::int as percent
from pg_stat_progress_vacuum p join pg_stat_activity a using (pid) order by 1
