-- Settings that most servers are better off without, each with what speaks for another one. What depends on the machine
-- and its work, such as shared_buffers, is none of them. A rule that does not apply gives no row.
-- unit: settings
-- needs: pg_monitor
-- see: runtime-config.html
select s.name, s.setting as value, r.better, r.because, r.critical,
       s.context = 'postmaster' as restart
from pg_settings s
join (values
  ('fsync', '^off$', true, 'on', 'the whole cluster may be lost with the next crash of its machine', true),
  ('full_page_writes', '^off$', true, 'on', 'a page that is half written when the machine crashes stays damaged', true),
  ('autovacuum', '^off$', true, 'on', 'dead rows are never removed, and statistics never refreshed', true),
  ('track_counts', '^off$', true, 'on', 'autovacuum does not come without it', true),
  ('zero_damaged_pages', '^on$', true, 'off', 'a damaged page is emptied when it is read', true),
  ('ignore_checksum_failure', '^on$', true, 'off', 'damaged pages are given out as if they were whole', true),
  ('wal_level', '^minimal$', true, 'replica', 'there is no base backup, no archive and no standby without it', true),
  ('enable_seqscan', '^off$', false, 'on', 'it is for trying things out in one session, not for everybody', true),
  ('enable_nestloop', '^off$', false, 'on', 'it is for trying things out in one session, not for everybody', true),
  ('enable_hashjoin', '^off$', false, 'on', 'it is for trying things out in one session, not for everybody', true),
  ('max_slot_wal_keep_size', '^-1$', false, 'less than what is free below pg_wal',
   'a replication slot that nobody uses any more fills the disk', exists (select from pg_replication_slots where not temporary)),
  ('checkpoint_completion_target', '^0($|\.[0-8])', false, '0.9', 'checkpoints write in bursts', true),
  ('log_checkpoints', '^off$', false, 'on', 'afterwards nobody can tell how often checkpoints came, and why', true),
  ('log_lock_waits', '^off$', false, 'on', 'afterwards nobody can tell who waited for whose lock', true),
  ('log_temp_files', '^-1$', false, '10MB', 'statements write temporary files, and nobody can tell which',
   exists (select from pg_stat_database where temp_files > 0)),
  ('track_io_timing', '^off$', false, 'on', 'nobody can tell how much of the time goes to reading; pg_test_timing says what it costs', true),
  ('idle_in_transaction_session_timeout', '^0$', false, '10min',
   'a session that forgets its transaction keeps locks and dead rows for ever', true),
  ('password_encryption', '^md5$', false, 'scram-sha-256', 'whoever gets hold of an MD5 may log in with it', true))
  as r (name, bad, critical, better, because, applies)
  on r.name = s.name and s.setting ~ r.bad and r.applies
order by r.critical desc, 1
