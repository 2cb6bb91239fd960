-- Whether autovacuum can work at all, and whether its workers are all busy.
-- unit: flags; processes
-- needs: pg_monitor
-- see: runtime-config-autovacuum.html
select current_setting('autovacuum')::boolean as on,
       current_setting('track_counts')::boolean as counts,
       current_setting('autovacuum_max_workers')::int as workers,
       (select count(*)::int from pg_stat_activity where backend_type = 'autovacuum worker') as busy,
       current_setting('autovacuum_vacuum_cost_delay') as delay,
       current_setting('autovacuum_vacuum_cost_limit') as cost
