/**
 * Practise incident/checkpoint-storm: max_wal_size is far too small for an import.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names. It writes some megabytes of WAL a
 * second until max_wal_size is large again, and says how long that took. Only on nodes with the tag drill.
 */
@Target Cluster cluster
@Param(value = 'give up after', min = '1s', max = '7 days') Duration patience = 30.minutes

def server = cluster.primary
def drill = server.drill
always('take back the change of the configuration') {
    server.sql.execute('alter system reset max_wal_size')
    server.sql.execute('select pg_reload_conf()')
}

def begin = now()
step('make max_wal_size small') { server.alterSystem('max_wal_size', '32MB') }
note "now find it: pgrunbook run incident/triage $cluster"
step('import something, until somebody solves it') {
    server.sql.timeout(patience).execute('''
        do $$
        begin
          while (select pg_size_bytes(setting) from pg_file_settings where name = 'max_wal_size' order by seqno desc limit 1) < 134217728 loop
            perform pg_logical_emit_message(false, 'drill', repeat('x', 262144));
            perform pg_sleep(0.1);
            commit;
          end loop;
        end $$'''.stripIndent())
}
measure 'from incident to solution', Duration.between(begin, now())
