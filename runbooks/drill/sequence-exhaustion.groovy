/**
 * Practise incident/sequence-exhaustion: a table was given a bigint key, but its sequence stayed an
 * integer.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names. It runs until
 * there are numbers again, and says how long that took. Only on nodes with the tag drill.
 */
@Target Cluster cluster
@Param(value = 'give up after', min = '1s', max = '7 days') Duration patience = 30.minutes

def server = cluster.primary
def drill = server.drill
always('remove the table') { server.sql.execute('drop table if exists pgrunbook_drill') }

def begin = now()
step('use up a sequence') {
    server.sql.execute('create table if not exists pgrunbook_drill (id serial primary key, balance int)')
    server.sql.execute('alter table pgrunbook_drill alter column id type bigint')
    server.sql.execute("select setval('pgrunbook_drill_id_seq', 2100000000)")
}
note "now find it: pgrunbook run incident/triage $cluster"
step('wait until somebody solves it') {
    drill.await("select seqmax > 2147483647 from pg_sequence where seqrelid = 'pgrunbook_drill_id_seq'::regclass", patience)
}
measure 'from incident to solution', Duration.between(begin, now())
