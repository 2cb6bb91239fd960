-- The clients' sessions but our own, those that have been in their state for longest first. Takes the
-- users and applications that are left alone.
-- unit: intervals; instants by the server's clock
-- needs: pg_monitor
-- see: monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW
select a.pid, a.backend_start, a.state_change, a.usename as "user", a.datname as database,
       a.application_name as application, coalesce(host(a.client_addr), 'local') as client,
       coalesce(a.state, 'unknown') as state,
       greatest(clock_timestamp() - a.state_change, '0') as since,
       greatest(clock_timestamp() - a.backend_start, '0') as age,
       case when a.state = 'active' then a.wait_event_type end as waits,
       coalesce((select r.rolsuper from pg_roles r where r.oid = a.usesysid), false)
         as superuser,
       {left-alone} as left_alone
from pg_stat_activity a
where a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
order by a.state_change
