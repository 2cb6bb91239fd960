-- How old the oldest row of each database is that is not frozen, and the oldest multixact. At 2 billion the
-- server takes no more writes; from autovacuum_freeze_max_age on it vacuums whatever its settings say.
-- unit: transactions; multixacts
-- needs: nothing
-- see: routine-vacuuming.html#VACUUM-FOR-WRAPAROUND
select datname as database,
       datallowconn and has_database_privilege(oid, 'connect') as connectable,
       age(datfrozenxid)::bigint as xids, mxid_age(datminmxid)::bigint as multixacts,
       current_setting('autovacuum_freeze_max_age')::bigint as forced
from pg_database order by greatest(age(datfrozenxid), mxid_age(datminmxid)) desc, 1
