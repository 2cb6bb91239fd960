-- What holds WAL back, and how much each slot keeps. A slot that was never used keeps none.
-- unit: bytes
-- needs: nothing
-- see: view-pg-replication-slots.html
select slot_name as slot, slot_type as type, active,
       coalesce(wal_status, 'never used') as status,
       pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_receive_lsn()
                            else pg_current_wal_lsn() end, restart_lsn) as retained,
       to_jsonb(s) ->> 'invalidation_reason' as reason
from pg_replication_slots s where not temporary order by 1
