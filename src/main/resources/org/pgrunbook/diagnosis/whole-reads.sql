-- How often each table was read from end to end, and how many rows that gave, since its statistics were reset: two
-- looks tell what went on in between. The smallest tables are left out, which are best read so. Only of the database
-- that is asked.
-- unit: scans; rows
-- needs: pg_monitor
-- see: monitoring-stats.html#MONITORING-PG-STAT-ALL-TABLES-VIEW
select current_database() as database, relid::bigint as oid, format('%I.%I', schemaname, relname) as name,
       coalesce(seq_scan, 0) as scans, coalesce(seq_tup_read, 0) as rows
from pg_stat_user_tables where n_live_tup >= 10000 order by 2
