-- Pages whose checksum did not fit when they were read, by database, since the statistics were reset. Pages that
-- nobody reads are not looked at. What all databases share has no database.
-- unit: pages; an instant by the server's clock
-- needs: nothing
-- see: checksums.html
select coalesce(datname, '(shared)') as database, checksum_failures as failures, checksum_last_failure as last
from pg_stat_database where checksum_failures > 0 order by checksum_last_failure desc
