-- How much of its numbers each sequence has used, and the column that it belongs to: an integer column
-- ends at 2147483647 whatever its sequence can do. Sequences that begin again are left out. Only of the
-- database that is asked.
-- unit: percent
-- needs: pg_monitor
-- see: sql-createsequence.html
select current_database() as database, format('%I.%I', n.nspname, c.relname) as sequence,
       s.seqtypid::regtype::text as type,
       a.attrelid::regclass::text as "table", a.attname as "column",
       format_type(a.atttypid, null) as column_type,
       pg_sequence_last_value(s.seqrelid) as last,
       s.seqmax as maximum,
       floor(100.0 * pg_sequence_last_value(s.seqrelid) / s.seqmax)::int as percent,
       floor(100.0 * pg_sequence_last_value(s.seqrelid)
             / case a.atttypid when 'smallint'::regtype then 32767
                               when 'integer'::regtype then 2147483647
                               else 9223372036854775807 end)::int as column_percent
from pg_sequence s
join pg_class c on c.oid = s.seqrelid
join pg_namespace n on n.oid = c.relnamespace
left join pg_depend d on d.objid = c.oid and d.classid = 'pg_class'::regclass
                     and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
left join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
where not s.seqcycle and s.seqincrement > 0
  and c.relpersistence <> 't'
  and has_sequence_privilege(s.seqrelid, 'select, usage')
  and pg_sequence_last_value(s.seqrelid) is not null
order by greatest(floor(100.0 * pg_sequence_last_value(s.seqrelid) / s.seqmax), 0) desc, 2
