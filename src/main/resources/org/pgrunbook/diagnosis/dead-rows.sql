-- How many dead rows each table has, and from how many on autovacuum should come: by the settings of the
-- server and of the table and, from PostgreSQL 18 on, never more than autovacuum_vacuum_max_threshold. The
-- counters are empty after a crash or pg_stat_reset. The size is that of the last vacuum: to measure it
-- would wait for whoever has locked the table. Only of the database that is asked.
-- unit: rows; bytes; instants by the server's clock
-- needs: pg_monitor
-- see: routine-vacuuming.html#AUTOVACUUM
with tables as
  (select c.relpages, s.n_dead_tup, s.n_live_tup, s.last_vacuum, s.last_autovacuum, s.last_analyze,
          s.last_autoanalyze, format('%I.%I', s.schemaname, s.relname) as name,
          greatest(c.reltuples, 0) as rows,
          (select jsonb_object_agg(option_name, option_value)
           from pg_options_to_table(c.reloptions)) as options
   from pg_stat_user_tables s join pg_class c on c.oid = s.relid)
select current_database() as database, name, n_dead_tup as dead, n_live_tup as live,
       floor(least(
         coalesce(options ->> 'autovacuum_vacuum_threshold',
                  current_setting('autovacuum_vacuum_threshold'))::numeric
           + coalesce(options ->> 'autovacuum_vacuum_scale_factor',
                      current_setting('autovacuum_vacuum_scale_factor'))::numeric * rows::numeric,
         nullif(coalesce(options ->> 'autovacuum_vacuum_max_threshold',
                         current_setting('autovacuum_vacuum_max_threshold', true))::numeric, -1)))::bigint
         as due,
       coalesce((options ->> 'autovacuum_enabled')::boolean, true) as enabled,
       greatest(last_vacuum, last_autovacuum) as vacuumed,
       greatest(last_analyze, last_autoanalyze) as analyzed,
       relpages::bigint * current_setting('block_size')::bigint as size
from tables order by n_dead_tup desc, 2
