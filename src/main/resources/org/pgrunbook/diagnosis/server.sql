-- Who we are on a server, what we may do there, and what it is.
-- unit: flags; the predefined roles that we have
-- needs: nothing
-- see: predefined-roles.html
select current_user as role,
       current_setting('server_version_num')::int / 10000 as major,
       pg_is_in_recovery() as in_recovery,
       (select coalesce(array_agg(rolname::text), '{}')
        from pg_roles
        where rolname in ('pg_monitor', 'pg_signal_backend', 'pg_checkpoint', 'pg_maintain')
          and pg_has_role(oid, 'usage'))
       || (select case when rolsuper then '{replication,superuser}'
                       when rolreplication then '{replication}' else '{}' end::text[]
           from pg_roles where rolname = current_user) as may
