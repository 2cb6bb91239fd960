/**
 * Practise incident/accidental-change: a script has deleted nearly all rows of a table.
 *
 * Triage cannot know that it was a mistake: find the transaction with the playbook, restore the state before it onto
 * the spare with the command that it names, and copy the rows of pgrunbook_drill back. There has to be a backup. It
 * runs until the rows are there again, and says how long that took. Only on nodes with the tag drill.
 */
@Target Cluster cluster
@Param(value = 'give up after', min = '1s', max = '7 days') Duration patience = 1.hours

def server = cluster.primary
def drill = server.drill
refuseIf cluster.repository.backups().empty, "there is no backup to restore from; take one: pgrunbook run backup/base-backup $cluster"
always('remove the table') { server.sql.execute('drop table if exists pgrunbook_drill') }

def begin = now()
step('fill a table') {
    server.sql.execute("create table if not exists pgrunbook_drill as select i as id, 'order ' || i as what from generate_series(1, 1000) i")
}
step('delete nearly all of it') { server.sql.execute('delete from pgrunbook_drill where id > 10') }
note "now find it: pgrunbook run backup/ship-wal $cluster -p current=true; pgrunbook run incident/accidental-change $cluster"
step('wait until somebody brings the rows back') {
    drill.await('select count(*) >= 1000 from pgrunbook_drill', patience)
}
measure 'from incident to solution', Duration.between(begin, now())
