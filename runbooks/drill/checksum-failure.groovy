/**
 * Practise incident/checksum-failure: the primary's disk has given other bytes than were written, in the pages of an index.
 *
 * The primary is restarted for it. Start it, find it with incident/triage, solve it with the playbook that triage names.
 * It runs until the index is built anew, and says how long that took. Only on nodes with the tag drill.
 */
@Target Cluster cluster
@Param(value = 'give up after', min = '1s', max = '7 days') Duration patience = 30.minutes

def server = cluster.primary
def drill = server.drill
always('remove the table') { server.sql.execute('drop table if exists pgrunbook_drill') }

def begin = now()
def file = step('make an index, and bring it to the disk') {
    server.sql.execute('create table if not exists pgrunbook_drill as select i as id from generate_series(1, 2000) i')
    server.sql.execute('create index if not exists pgrunbook_drill_id on pgrunbook_drill (id)')
    server.sql.execute('checkpoint')
    server.sql.value(String, "select pg_relation_filepath(to_regclass('pgrunbook_drill_id'))")
}
step('stop the server') { server.postmaster.stop(Postmaster.Stop.FAST, 60.seconds) }
step('damage pages of the index') {
    server.ssh.run(Command.changeScript('''
        for block in 1 2 3; do
            printf 'not what was written' | dd of="$1" bs=1 seek=$((block * 8192 + 5000)) conv=notrunc status=none || exit
        done'''.stripIndent(), "$server.postmaster.data/$file")).text()
}
step('start it again') { server.postmaster.start() }
step('let somebody read it') {
    try {
        server.sql.execute('do $$ begin set local enable_seqscan = off; perform * from pgrunbook_drill where id = 5; end $$')
    } catch (Problem e) {
        note "a query fails: ${e.fact()}"
    }
}
note "now find it: pgrunbook run incident/triage $cluster"
step('wait until somebody solves it') {
    drill.await("select pg_relation_filepath('pgrunbook_drill_id') <> '$file'", patience)
}
measure 'from incident to solution', Duration.between(begin, now())
