-- What the statistics views show at this moment, row by row, to be kept before anything changes.
-- unit: rows as JSON; statements cut to 300 characters
-- needs: pg_monitor
-- see: monitoring-stats.html
select 'pg_stat_activity' as "view",
       jsonb_set(to_jsonb(a), '{query}', coalesce(to_jsonb(left(a.query, 300)), 'null'))::text as "row"
from pg_stat_activity a
union all select 'pg_locks', to_jsonb(l)::text from pg_locks l
union all select 'pg_prepared_xacts', to_jsonb(p)::text from pg_prepared_xacts p
union all select 'pg_stat_replication', to_jsonb(r)::text from pg_stat_replication r
union all select 'pg_replication_slots', to_jsonb(s)::text from pg_replication_slots s
union all select 'pg_stat_wal_receiver', to_jsonb(w)::text from pg_stat_wal_receiver w
union all select 'pg_stat_archiver', to_jsonb(v)::text from pg_stat_archiver v
union all select 'pg_stat_database', to_jsonb(d)::text from pg_stat_database d
