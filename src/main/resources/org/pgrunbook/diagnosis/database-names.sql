-- The databases by their OIDs, as the paths of files and the WAL name them, and whether anybody may connect.
-- unit: OIDs; a flag
-- needs: nothing
-- see: storage-file-layout.html
select oid::bigint as oid, datname as name, datallowconn and has_database_privilege(oid, 'connect') as connectable
from pg_database
