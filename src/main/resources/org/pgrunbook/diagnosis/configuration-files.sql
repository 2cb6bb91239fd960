-- What is wrong in the configuration files as they lie there now: with it the server reads nothing anew, and does not
-- start. A setting that only waits for a restart is not wrong. A file that nobody has read since it was changed has
-- the error null; it is unsure if it was changed in the second in which the server read it, for files show whole
-- seconds. Needs pg_read_all_settings, SELECT on pg_file_settings, pg_hba_file_rules and
-- pg_ident_file_mappings with their functions,
-- and pg_stat_file: that is a superuser, unless it was granted.
-- unit: files, lines, settings; seconds since 1970 by the server's clock
-- needs: configuration_files
-- see: view-pg-file-settings.html
select sourcefile as file, sourceline as line, name as what, error, false as unsure, null::numeric as loaded
from pg_file_settings f
where error is not null
  and not exists (select from pg_settings s where s.name = f.name and s.pending_restart)
union all
select coalesce(to_jsonb(h) ->> 'file_name', current_setting('hba_file')), line_number, null, error, false, null
from pg_hba_file_rules h where error is not null
union all
select coalesce(to_jsonb(i) ->> 'file_name', current_setting('ident_file')), line_number, null, error, false, null
from pg_ident_file_mappings i where error is not null
union all
select file, null, null, null,
       (pg_stat_file(file, true)).modification <= pg_conf_load_time(), extract(epoch from pg_conf_load_time())
from (select distinct sourcefile as file from pg_file_settings
      union select current_setting('hba_file') union select current_setting('ident_file')) as files
where (pg_stat_file(file, true)).modification >= date_trunc('second', pg_conf_load_time())
order by 1, 2
