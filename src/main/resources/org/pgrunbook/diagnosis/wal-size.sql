-- How much pg_wal holds: in all, and in files that wait to be written anew. The rest is old WAL, or the
-- file that is being written.
-- unit: bytes
-- needs: pg_monitor
-- see: functions-admin.html#FUNCTIONS-ADMIN-GENFILE
select coalesce(sum(size), 0)::bigint as total,
       coalesce(sum(size) filter (where
           ('x' || substr(name, 9, 8))::bit(32)::bigint * (4294967296 / segment)
             + ('x' || substr(name, 17, 8))::bit(32)::bigint > floor((lsn - '0/0') / segment)), 0)::bigint
         as ahead,
       pg_size_bytes(current_setting('max_wal_size')) as most
from pg_ls_waldir(),
     (select case when pg_is_in_recovery()
                  then coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
                  else pg_current_wal_lsn() end as lsn,
             pg_size_bytes(current_setting('wal_segment_size')) as segment) as place
where name ~ '^[0-9A-F]{24}$'
