-- What the sessions that carry out a statement do at this moment: wait for what, or work on the CPU.
-- unit: sessions
-- needs: pg_monitor
-- see: monitoring-stats.html#WAIT-EVENT-TABLE
select coalesce(wait_event_type, 'CPU') as type, coalesce(wait_event, 'CPU') as event, count(*)::int as sessions
from pg_stat_activity
where state = 'active' and backend_type = 'client backend' and pid <> pg_backend_pid()
  and application_name not like 'pgrunbook/%'
group by 1, 2
