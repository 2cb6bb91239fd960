-- How many pages tables and btree indexes would need if they were written anew, by the average width and the share of
-- NULL that ANALYZE has found for each column, laid out as PostgreSQL lays out a row: a column begins where its type may
-- begin, a row at a multiple of 8. The rest of their pages is free room, or dead. An estimate: widths are averages of a
-- sample, pages and rows are those of the last VACUUM or ANALYZE, and an index that keeps equal keys once is smaller
-- than this says, so that of such a one too little is found. TOAST tables have no statistics. To look at a column's
-- statistics takes the right to read the column: what our role must not see is hidden, what was never analyzed is
-- unknown. The parameter is the size from which on a relation is looked at. Only of the database that is asked.
-- unit: bytes; flags
-- needs: pg_monitor
-- see: storage-page-layout.html
with recursive large as
  (select c.oid, c.relname, n.nspname, c.relkind = 'i' as is_index, c.relnatts, c.relpages, c.reltuples::numeric as rows,
          i.indrelid, i.indkey, current_setting('block_size')::numeric as page,
          coalesce((select option_value::numeric from pg_options_to_table(c.reloptions)
                    where option_name = 'fillfactor'),
                   case c.relkind when 'i' then 90 else 100 end) / 100 as filled
   from pg_class c
   join pg_namespace n on n.oid = c.relnamespace
   left join pg_index i on i.indexrelid = c.oid
   left join pg_am m on m.oid = c.relam
   where (c.relkind in ('r', 'm') or c.relkind = 'i' and m.amname = 'btree') and c.relpersistence <> 't'
     -- Of the statistics themselves there are none.
     and coalesce(i.indrelid, c.oid) <> 'pg_statistic'::regclass
     and c.relpages > 0 and c.relpages::bigint * current_setting('block_size')::bigint >= ?::bigint),
sources as
  (select l.oid, l.nspname, a.attnum, a.attlen, a.attalign,
          case when l.indkey[a.attnum - 1] <> 0 then l.indrelid else l.oid end as relation,
          case when l.indkey[a.attnum - 1] <> 0 then l.indkey[a.attnum - 1] else a.attnum end as number
   from large l
   join pg_attribute a on a.attrelid = l.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated <> 'v'),
columns as materialized
  (select s.oid, row_number() over (partition by s.oid order by s.attnum) as nth,
          t.null_frac::numeric as nulls, t.avg_width::numeric as width,
          case when s.attlen = -1 and t.avg_width < 127 then 1
               else case s.attalign when 'd' then 8 when 'i' then 4 when 's' then 2 else 1 end end::numeric as align,
          t.attname is null as missing,
          not has_column_privilege(s.relation, s.number, 'select') or row_security_active(s.relation) as hidden
   from sources s
   join pg_class c on c.oid = s.relation
   join pg_attribute a on a.attrelid = s.relation and a.attnum = s.number
   left join pg_stats t on t.schemaname = s.nspname and t.tablename = c.relname and t.attname = a.attname
     and not t.inherited),
layout as
  (select oid, 0::bigint as nth, 0::numeric as width from large
   union all
   select l.oid, c.nth,
          l.width + (1 - coalesce(c.nulls, 0))
            * (ceil(l.width / c.align) * c.align - l.width + coalesce(c.width, 0))
   from layout l join columns c on c.oid = l.oid and c.nth = l.nth + 1),
known as
  (select l.*, w.width, k.nulls, k.missing or l.rows < 0 as missing, k.hidden,
          -- The header of a row and, if it has any NULL, a bit for each column.
          case when l.is_index then 8 + case when k.nulls then 8 else 0 end
               else ceil((23 + case when k.nulls then ceil(l.relnatts / 8.0) else 0 end) / 8) * 8 end as header
   from large l
   join (select distinct on (oid) oid, width from layout order by oid, nth desc) w on w.oid = l.oid
   join (select oid, bool_or(coalesce(nulls, 0) > 0) as nulls, bool_or(missing) as missing,
                bool_or(missing and hidden) as hidden
         from columns group by oid) k on k.oid = l.oid),
dense as
  (select k.*,
          -- 24 bytes begin a page, 16 end one of an index; each row has a pointer of 4.
          greatest(1, floor((page - 24 - case when is_index then 16 else 0 end) * filled
                            / (4 + header + ceil(width / 8) * 8))) as per_page
   from known k)
select current_database() as database, format('%I.%I', nspname, relname) as name, is_index as "index",
       coalesce(indrelid::regclass::text, '') as "table",
       (relpages * page)::bigint as size, missing, hidden,
       case when missing then 0
            else (greatest(0, relpages - ceil(rows / per_page)
                    -- An index has a page of its own and, above its leaves, pages that are filled to 70 %.
                    - case when is_index then 1 + ceil(rows / per_page / greatest(2, floor(per_page * 0.7)))
                           else 0 end) * page)::bigint end as free
from dense order by free desc, size desc, 2
