-- How far a primary has written its WAL, and how large a segment is. Not on a standby.
-- unit: an LSN; bytes
-- needs: nothing
-- see: functions-admin.html#FUNCTIONS-ADMIN-BACKUP
select pg_current_wal_lsn()::text as lsn, pg_size_bytes(current_setting('wal_segment_size')) as segment
