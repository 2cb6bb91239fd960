-- The databases that we may look into, without templates.
-- unit: names
-- needs: nothing
-- see: catalog-pg-database.html
select datname as database from pg_database
where datallowconn and not datistemplate and has_database_privilege(oid, 'connect') order by 1
