-- Drops a slot that still nobody uses and that keeps the same WAL as when it was chosen. Takes its name
-- and its restart_lsn.
-- unit: slots
-- needs: replication
-- see: functions-admin.html#FUNCTIONS-REPLICATION
select count(pg_drop_replication_slot(slot_name)) as dropped
from pg_replication_slots
where slot_name::text = ? and not active and restart_lsn is not distinct from ?::pg_lsn
