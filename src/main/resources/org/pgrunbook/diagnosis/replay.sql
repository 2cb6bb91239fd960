-- What keeps a standby from replaying: whether somebody paused it, whether it is delayed on purpose,
-- and how many of its queries it has cancelled because they were in the way.
-- unit: flags; queries
-- needs: pg_monitor
-- see: functions-admin.html#FUNCTIONS-RECOVERY-CONTROL
select case when pg_is_in_recovery() then pg_is_wal_replay_paused() else false end as paused,
       current_setting('recovery_min_apply_delay') as delayed,
       current_setting('max_standby_streaming_delay') as patience,
       (select coalesce(sum(confl_lock + confl_snapshot + confl_bufferpin + confl_deadlock
                            + confl_tablespace), 0)::bigint
        from pg_stat_database_conflicts) as conflicts,
       (select count(*) from pg_stat_activity
        where backend_type = 'client backend' and state <> 'idle'
          and xact_start < clock_timestamp() - interval '30 s') as long_queries
