-- Limits of roles and databases that have one, and how much of it is taken.
-- unit: sessions
-- needs: pg_monitor
-- see: catalog-pg-database.html
select 'role' as kind, rolname as name, rolconnlimit as "limit",
       (select count(*) from pg_stat_activity a
        where a.usesysid = r.oid and a.backend_type = 'client backend') as used
from pg_roles r where rolconnlimit >= 0 and not rolsuper
union all
select 'database', datname, datconnlimit,
       (select count(*) from pg_stat_activity a
        where a.datid = d.oid and a.backend_type = 'client backend')
from pg_database d where datconnlimit >= 0
order by 1, 2
