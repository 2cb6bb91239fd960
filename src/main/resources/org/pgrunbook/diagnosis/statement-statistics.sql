-- Whether pg_stat_statements is in the database that is asked, in which schema, and whether it is loaded.
-- unit: a name; a flag
-- needs: nothing
-- see: pgstatstatements.html
select (select quote_ident(n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace
        where extname = 'pg_stat_statements') as schema,
       current_setting('pg_stat_statements.max', true) is not null as loaded
