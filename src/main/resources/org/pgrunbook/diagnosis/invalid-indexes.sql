-- Indexes that no query uses because their build failed or has not ended; each write still keeps them
-- up to date. A build in progress is none. Only of the database that is asked.
-- unit: bytes; flags
-- needs: pg_monitor
-- see: sql-createindex.html
select current_database() as database, n.nspname as "schema", c.relname as "index",
       i.indrelid::regclass::text as "table", i.indisunique as "unique", i.indisready as ready,
       pg_relation_size(c.oid) as size,
       c.relname ~ '_cc(new|old)\d*$' as leftover,
       format('%I.%I', n.nspname, c.relname) as name
from pg_index i
join pg_class c on c.oid = i.indexrelid
join pg_namespace n on n.oid = c.relnamespace
where not (i.indisvalid and i.indisready and i.indislive)
  and c.relkind = 'i'
  and not exists (select from pg_stat_progress_create_index b
                  where b.relid = i.indrelid and b.datname = current_database())
order by 2, 3
