-- Every process of the server but our own: what it does, since when, which lock it waits for and who
-- is in its way. A prepared transaction in the way has pid 0. Takes the users and applications that
-- are left alone.
-- unit: intervals; instants by the server's clock; transactions
-- needs: pg_monitor
-- see: view-pg-locks.html
select a.pid, a.backend_start, a.state_change, a.backend_type as kind, a.usename as "user",
       a.datname as database, a.application_name as application,
       coalesce(host(a.client_addr), 'local') as client, coalesce(a.state, '') as state,
       greatest(clock_timestamp() - a.state_change, '0') as since,
       greatest(clock_timestamp() - a.backend_start, '0') as age,
       clock_timestamp() - a.xact_start as transaction,
       a.wait_event_type, a.wait_event, a.query, a.query_id,
       length(a.query) >= pg_size_bytes(current_setting('track_activity_query_size')) - 1 as cut,
       age(a.backend_xmin) as holds,
       l.locktype, l.mode, l.relation,
       case when l.pid is not null
            then greatest(clock_timestamp() - coalesce(l.waitstart, a.state_change), '0') end
         as waited,
       case when l.pid is not null then pg_blocking_pids(a.pid) else '{}' end as blocked_by,
       coalesce((select r.rolsuper from pg_roles r where r.oid = a.usesysid), false) as superuser,
       {left-alone} as left_alone
from pg_stat_activity a
left join lateral
  (select pid, locktype, mode, waitstart,
          case when database = (select oid from pg_database where datname = current_database())
               then relation::regclass::text else relation::text end as relation
   from pg_locks where pid = a.pid and not granted limit 1) as l on true
where a.pid <> pg_backend_pid()
order by a.xact_start, a.backend_start
