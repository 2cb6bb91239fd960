-- The files of all relations of the database that is asked, or of one of them, relative to the data directory.
-- Takes its name with its schema, or an empty text for all, twice. Temporary ones are left out.
-- unit: paths; bytes of a page; pages of a file
-- needs: nothing
-- see: storage-file-layout.html
select pg_relation_filepath(c.oid) as path
from pg_class c
where c.relpersistence <> 't' and pg_relation_filepath(c.oid) is not null
  and (?::text = '' or c.oid = to_regclass(?::text))
order by 1
