-- How old the oldest row of each table is that is not frozen, TOAST included. The temporary tables of other
-- sessions are left out: nobody else can vacuum them.
-- The size is that of the last vacuum: to measure it would wait for whoever has locked the table. Only of the database that is asked.
-- unit: transactions; multixacts; bytes
-- needs: nothing
-- see: routine-vacuuming.html#VACUUM-FOR-WRAPAROUND
select current_database() as database, format('%I.%I', n.nspname, c.relname) as name,
       greatest(age(c.relfrozenxid), age(t.relfrozenxid))::bigint as xids,
       greatest(mxid_age(c.relminmxid), mxid_age(t.relminmxid))::bigint as multixacts,
       c.relpages::bigint * current_setting('block_size')::bigint as size
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join pg_class t on t.oid = c.reltoastrelid
where c.relkind in ('r', 'm') and c.relpersistence <> 't'
order by 3 desc, 2
