-- Pages whose checksum did not fit, since the statistics were reset, and whether there are checksums at all.
-- unit: pages; a flag; an instant by the server's clock
-- needs: nothing
-- see: checksums.html
select current_setting('data_checksums')::boolean as on, coalesce(sum(checksum_failures), 0)::bigint as failures,
       max(checksum_last_failure) as last
from pg_stat_database
