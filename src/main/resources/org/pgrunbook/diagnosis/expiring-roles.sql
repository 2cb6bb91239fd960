-- The roles that may log in and whose password is no longer valid, or will not be within two weeks. One that ended
-- more than a month ago was put out of use by it. Only logins with a password go by it.
-- unit: instants by the server's clock; sessions
-- needs: pg_monitor
-- see: catalog-pg-authid.html
select rolname as role, rolvaliduntil as until, rolvaliduntil < clock_timestamp() as over,
       (select count(*)::int from pg_stat_activity where usesysid = r.oid) as sessions
from pg_roles r
where rolcanlogin and isfinite(rolvaliduntil)
  and rolvaliduntil between clock_timestamp() - interval '30 days' and clock_timestamp() + interval '14 days'
order by rolvaliduntil, rolname
