-- The roles that may log in and whose password is no longer valid, or will not be within two weeks.
-- unit: names; an interval until the first of them ends
-- needs: nothing
-- see: catalog-pg-authid.html
select coalesce(string_agg(rolname, ', ' order by rolvaliduntil, rolname), '') as roles,
       min(rolvaliduntil) < clock_timestamp() as over
from pg_roles
where rolcanlogin and rolvaliduntil < clock_timestamp() + interval '14 days'
