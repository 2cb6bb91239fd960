-- Whether pages have checksums at all: without them damage is not noticed.
-- unit: a flag
-- needs: nothing
-- see: checksums.html
select current_setting('data_checksums')::boolean as on
