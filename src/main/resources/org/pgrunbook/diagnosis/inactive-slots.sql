-- Slots that nobody uses at this moment: how much WAL each keeps from being removed, and for how many
-- transactions it keeps row versions from VACUUM. A slot that was never used keeps nothing.
-- unit: bytes; transactions; an instant from PostgreSQL 17 on
-- needs: nothing
-- see: view-pg-replication-slots.html
select slot_name as slot, slot_type as type, database, coalesce(wal_status, 'never used') as status,
       restart_lsn::text as restart,
       greatest(coalesce(pg_wal_lsn_diff(
         case when pg_is_in_recovery() then pg_last_wal_receive_lsn()
              else pg_current_wal_lsn() end, restart_lsn), 0), 0) as retained,
       greatest(age(xmin), age(catalog_xmin)) as holds,
       (to_jsonb(s) ->> 'inactive_since')::timestamptz as since,
       coalesce((to_jsonb(s) ->> 'synced')::boolean, false) as synced,
       current_setting('max_slot_wal_keep_size') as "limit"
from pg_replication_slots s where not active and not temporary order by retained desc, 1
