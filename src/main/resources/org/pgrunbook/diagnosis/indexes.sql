-- The indexes of a certain size, with how often they were scanned on this server since its statistics were reset; null
-- is since there is the database. A standby counts its own scans: an index is not used if no node uses it. One that
-- stands for a constraint, belongs to the index of a partitioned table, or identifies rows for logical replication, is
-- needed even so. Two with the same definition are the same index twice. The size is that of the last VACUUM or
-- ANALYZE, and pg_get_indexdef is not asked, so that nobody who has locked a table is waited for. The parameter is the
-- size from which on an index is looked at. Only of the database that is asked.
-- unit: scans; bytes; instants by the server's clock
-- needs: pg_monitor
-- see: monitoring-stats.html#MONITORING-PG-STAT-ALL-INDEXES-VIEW
select current_database() as database, c.oid::bigint as oid, format('%I.%I', n.nspname, c.relname) as name,
       format('%I.%I', tn.nspname, t.relname) as "table",
       c.relpages::bigint * current_setting('block_size')::bigint as size,
       coalesce(s.idx_scan, 0) as scans,
       i.indisunique or i.indisexclusion or i.indisreplident or c.relispartition
         or exists (select from pg_constraint k where k.conindid = c.oid and k.contype <> 'f') as needed,
       i.indisunique as "unique",
       concat_ws(' ', i.indrelid, c.relam, i.indnkeyatts, i.indkey, i.indclass, i.indcollation, i.indoption,
                 i.indnullsnotdistinct,
                 regexp_replace(concat_ws(' ', i.indexprs, i.indpred), ':location -?\d+', '', 'g')) as definition,
       (select stats_reset from pg_stat_database where datname = current_database()) as since
from pg_index i
join pg_class c on c.oid = i.indexrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_class t on t.oid = i.indrelid
join pg_namespace tn on tn.oid = t.relnamespace
left join pg_stat_user_indexes s on s.indexrelid = c.oid
where i.indisvalid and c.relkind = 'i' and c.relpersistence <> 't'
  and n.nspname not in ('pg_catalog', 'pg_toast', 'information_schema')
  and c.relpages::bigint * current_setting('block_size')::bigint >= ?::bigint
order by 5 desc, 3
