-- Whose files these are, by the numbers that the files have now: a table that is written anew gets another
-- number. Only of the database that is asked. Takes the numbers.
-- unit: file numbers; i: an index, r: a table, t: TOAST, S: a sequence, m: a materialized view
-- needs: nothing
-- see: storage-file-layout.html
select pg_relation_filenode(c.oid)::bigint as file, format('%I.%I', n.nspname, c.relname) as name,
       c.relkind::text as kind
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where pg_relation_filenode(c.oid) = any (?::oid[])
