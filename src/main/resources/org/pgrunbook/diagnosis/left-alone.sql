-- Whose sessions are left alone: a part of other statements. Takes the users and the applications.
-- unit: true for those
-- needs: pg_monitor
-- see: monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW
coalesce(a.usename::text = any(?::text[])
         or exists (select from unnest(?::text[]) as protected(name)
                    where starts_with(lower(a.application_name), lower(protected.name)))
         or current_setting('is_superuser') = 'off'
            and exists (select from pg_roles r where r.oid = a.usesysid and r.rolsuper), false)
