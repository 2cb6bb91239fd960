-- Transactions that were prepared for a two-phase commit and neither committed nor rolled back: how
-- long ago, how many transactions old the row versions are that VACUUM keeps for each, how many locks
-- each holds. They survive a restart, and no process belongs to them.
-- unit: an interval; transactions; locks
-- needs: pg_monitor
-- see: view-pg-prepared-xacts.html
select gid, owner, database, prepared, transaction::text as xid,
       greatest(clock_timestamp() - prepared, '0') as waits,
       age(transaction) as holds,
       (select count(*) from pg_locks l where l.pid is null
          and l.virtualtransaction = '-1/' || p.transaction::text) as locks
from pg_prepared_xacts p order by prepared
