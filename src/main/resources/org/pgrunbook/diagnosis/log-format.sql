-- How the server writes its log, and a moment some time ago as it would write that. Takes seconds.
-- unit: a time in the log's own time zone
-- needs: nothing
-- see: runtime-config-logging.html
select current_setting('log_line_prefix') as prefix, current_setting('lc_messages') as language,
       to_char((clock_timestamp() - make_interval(secs => ?::double precision))
               at time zone current_setting('log_timezone'), 'YYYY-MM-DD HH24:MI:SS') as since
