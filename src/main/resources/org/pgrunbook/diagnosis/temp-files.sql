-- The temporary files of sessions at this moment: what a sort or a hash that does not fit into work_mem
-- writes. A parallel worker's count for its leader; those that workers share are in folders of their own
-- and not seen. Files of a pid that is gone were left by a crash; a restart removes them.
-- unit: files; bytes
-- needs: pg_monitor
-- see: functions-admin.html#FUNCTIONS-ADMIN-GENFILE
select coalesce(a.leader_pid, f.pid) as pid, count(*) as files, sum(f.size)::bigint as size,
       string_agg(distinct f.tablespace, ', ') as tablespaces
from (select substring(t.name from '^pgsql_tmp([0-9]+)')::int as pid, t.size, s.spcname as tablespace
      from pg_tablespace s, pg_ls_tmpdir(s.oid) t where s.spcname <> 'pg_global') as f
left join pg_stat_activity a on a.pid = f.pid
group by 1 order by 3 desc, 1
