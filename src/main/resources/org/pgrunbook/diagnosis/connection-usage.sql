-- How many connections ordinary users have, and may have. Reserved slots do not count as available;
-- walsenders, autovacuum and other workers have slots of their own.
-- unit: sessions
-- needs: pg_monitor
-- see: runtime-config-connection.html
select (select count(*) from pg_stat_activity where backend_type = 'client backend') as used,
       current_setting('max_connections')::int as max_connections,
       current_setting('superuser_reserved_connections')::int
         + coalesce(current_setting('reserved_connections', true)::int, 0) as reserved
