-- Settings that were changed in the files and wait for a restart.
-- unit: settings
-- needs: pg_monitor
-- see: view-pg-settings.html
select array(select name::text from pg_settings where pending_restart order by name) as waiting
