-- How large the pages are, and how many of them are in one file.
-- unit: bytes; pages
-- needs: nothing
-- see: runtime-config-preset.html
select pg_size_bytes(current_setting('block_size')) as page,
       (select setting::bigint from pg_settings where name = 'segment_size') as pages
