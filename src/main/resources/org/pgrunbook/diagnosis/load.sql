-- What the server has done since its statistics were reset, so only the difference of two answers means anything.
-- unit: blocks; bytes; an instant by the server's clock
-- needs: nothing
-- see: monitoring-stats.html#MONITORING-PG-STAT-DATABASE-VIEW
select sum(blks_hit)::bigint as hit, sum(blks_read)::bigint as read, sum(temp_bytes)::bigint as temp,
       max(stats_reset) as reset, current_setting('block_size')::bigint as block
from pg_stat_database
