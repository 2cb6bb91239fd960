-- Foreign keys whose columns no index begins with: each row that is deleted from the table that they refer to, or whose
-- key changes, has this one read from end to end, under a lock. The parameter is the size of the table from which
-- on it is looked at. Only of the database that is asked.
-- unit: bytes
-- needs: nothing
-- see: ddl-constraints.html#DDL-CONSTRAINTS-FK
select current_database() as database, k.conname as name, format('%I.%I', n.nspname, c.relname) as "table",
       k.confrelid::regclass::text as referenced,
       c.relpages::bigint * current_setting('block_size')::bigint as size,
       (select string_agg(quote_ident(a.attname), ', ' order by p.nth)
        from unnest(k.conkey) with ordinality as p (number, nth)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = p.number) as columns
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
where k.contype = 'f' and c.relkind = 'r'
  and c.relpages::bigint * current_setting('block_size')::bigint >= ?::bigint
  and not exists (select from pg_index i
                  where i.indrelid = k.conrelid and i.indisvalid and i.indpred is null
                    and (string_to_array(i.indkey::text, ' ')::int2[])[1:cardinality(k.conkey)] @> k.conkey)
order by 5 desc, 2
