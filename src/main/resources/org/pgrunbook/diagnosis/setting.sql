-- A setting of the server, and whether we may change it with ALTER SYSTEM and let the server read it. Takes
-- its name twice.
-- unit: as the setting is shown; flags
-- needs: nothing
-- see: sql-altersystem.html
select current_setting(?) as value,
       has_parameter_privilege(?, 'alter system') as may_set,
       has_function_privilege('pg_catalog.pg_reload_conf()', 'execute') as may_reload
