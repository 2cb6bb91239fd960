-- Ends sessions that are still what they were when they were chosen, and waits up to 5 seconds for each.
-- Takes what still-chosen takes.
-- unit: pids
-- needs: pg_signal_backend
-- see: functions-admin.html#FUNCTIONS-ADMIN-SIGNAL
select coalesce(array_agg(pid) filter (where done), '{}') as done,
       coalesce(array_agg(pid) filter (where not done), '{}') as alive
from (select a.pid, pg_terminate_backend(a.pid, 5000) as done
{still-chosen}) as acted
