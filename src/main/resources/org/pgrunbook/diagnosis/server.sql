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
           from pg_roles where rolname = current_user)
       || case when pg_has_role('pg_read_all_settings', 'usage')
                    and has_table_privilege('pg_file_settings', 'select')
                    and has_function_privilege('pg_show_all_file_settings()', 'execute')
                    and has_table_privilege('pg_hba_file_rules', 'select')
                    and has_function_privilege('pg_hba_file_rules()', 'execute')
                    and has_table_privilege('pg_ident_file_mappings', 'select')
                    and has_function_privilege('pg_ident_file_mappings()', 'execute')
                    and has_function_privilege('pg_stat_file(text, boolean)', 'execute')
               then '{configuration_files}' else '{}' end::text[] as may
