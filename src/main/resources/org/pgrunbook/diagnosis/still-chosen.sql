-- The sessions of clients that are still what they were when they were chosen: the same process, nothing
-- done since, and, if waiting ones are named, still in the way of one of them: a part of other statements.
-- Never a walsender or a worker, never our own session. Takes pids, starts and changes of state, the pids
-- of those that wait, then the users and applications that are left alone.
-- unit: sessions, as a
-- needs: pg_signal_backend
-- see: functions-admin.html#FUNCTIONS-ADMIN-SIGNAL
from pg_stat_activity a
join unnest(?::int[], ?::timestamptz[], ?::timestamptz[])
       as chosen(pid, backend_start, state_change)
  using (pid, backend_start, state_change)
cross join (select ?::int[] as pids) as waiting
where a.backend_type = 'client backend'
  and a.pid <> pg_backend_pid()
  and (cardinality(waiting.pids) = 0
       or exists (select from unnest(waiting.pids) as one(pid)
                  where a.pid = any(pg_blocking_pids(one.pid))))
  and not {left-alone}
