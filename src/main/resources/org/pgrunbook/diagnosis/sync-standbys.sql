-- Which standbys have to confirm each commit, how many of those are there, and who waits for them: such a
-- commit is done on the primary, and only not told to its client.
-- unit: standbys; sessions; an interval
-- needs: pg_monitor
-- see: warm-standby.html#SYNCHRONOUS-REPLICATION
select current_setting('synchronous_standby_names') as names,
       (select count(*)::int from pg_stat_replication
        where state = 'streaming' and sync_state in ('sync', 'quorum')) as present,
       array(select application_name from pg_stat_replication where state = 'streaming' order by 1) as streaming,
       count(a.pid)::int as waiting, max(clock_timestamp() - a.state_change) as longest
from (select) as one
left join pg_stat_activity a on a.wait_event = 'SyncRep'
