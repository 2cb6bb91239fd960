-- How many checkpoints were begun because it was time, and how many because something asked for one: most often
-- that so much WAL was written. Since their statistics were reset, so only the difference of two answers
-- means anything. With the WAL's place and the settings that they come by.
-- unit: checkpoints; an LSN; bytes; seconds; a fraction
-- needs: nothing
-- see: wal-configuration.html
select checkpoints_timed as timed, checkpoints_req as requested, stats_reset as reset,
       pg_current_wal_insert_lsn()::text as lsn,
       pg_size_bytes(current_setting('max_wal_size')) as most,
       pg_size_bytes(current_setting('wal_segment_size')) as segment,
       (select setting::int from pg_settings where name = 'checkpoint_timeout') as timeout,
       current_setting('checkpoint_completion_target')::numeric as target
from pg_stat_bgwriter
-- from 17
select num_timed as timed, num_requested as requested, stats_reset as reset,
       pg_current_wal_insert_lsn()::text as lsn,
       pg_size_bytes(current_setting('max_wal_size')) as most,
       pg_size_bytes(current_setting('wal_segment_size')) as segment,
       (select setting::int from pg_settings where name = 'checkpoint_timeout') as timeout,
       current_setting('checkpoint_completion_target')::numeric as target
from pg_stat_checkpointer
