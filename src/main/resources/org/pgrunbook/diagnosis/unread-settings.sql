-- Settings that were changed in the files and wait for a restart.
-- unit: settings
-- needs: pg_monitor
-- see: view-pg-settings.html
select coalesce(string_agg(name, ', ' order by name), '') as waiting from pg_settings where pending_restart
