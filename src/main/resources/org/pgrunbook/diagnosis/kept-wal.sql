-- Whether a server still has the WAL file in which an LSN lies, on whatever timeline, and what became of a
-- slot. Takes the LSN and the name of the slot.
-- unit: a flag
-- needs: pg_monitor
-- see: warm-standby.html#STREAMING-REPLICATION-SLOTS
select exists (select from pg_ls_waldir()
               where name ~ '^[0-9A-F]{24}$'
                 and substr(name, 9) = substr(pg_walfile_name(?::pg_lsn), 9)) as there,
       (select coalesce(wal_status, 'never used') from pg_replication_slots where slot_name::text = ?) as slot
