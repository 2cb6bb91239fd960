-- Who keeps VACUUM from removing and freezing rows, and how old the oldest of them may be: sessions with a
-- snapshot or a transaction, but not pgrunbook's own, prepared transactions, slots, and standbys that report their queries.
-- unit: transactions
-- needs: pg_monitor
-- see: routine-vacuuming.html#VACUUM-FOR-WRAPAROUND
select case when state = 'active' then 'STATEMENT' else 'SESSION' end as what,
       pid || ' (' || usename || case when application_name = '' then '' else ' of "' || application_name || '"' end
         || ', ' || coalesce(state, 'unknown') || ')' as name,
       greatest(age(backend_xmin), age(backend_xid))::bigint as holds
from pg_stat_activity
where backend_type = 'client backend' and application_name not like 'pgrunbook/%'
  and (backend_xmin is not null or backend_xid is not null)
union all
select 'PREPARED', gid, age(transaction)::bigint from pg_prepared_xacts
union all
select 'SLOT', slot_name, greatest(age(xmin), age(catalog_xmin))::bigint
from pg_replication_slots where xmin is not null or catalog_xmin is not null
union all
select 'STANDBY', application_name, age(backend_xmin)::bigint
from pg_stat_replication where backend_xmin is not null
order by 3 desc, 2
