package org.pgrunbook.diagnosis

import org.opentest4j.TestAbortedException
import spock.lang.Requires

import java.util.concurrent.TimeUnit

/** What keeps WAL from going where it should: each incident is created by its drill and solved by its playbook. */
class WalIncidentsSpec extends IncidentContract {
    @Override
    List<List> incidents() {
        [['inactive-slot', 'pg1', 'pg1', ['-p', 'slot=subscriber'], /nobody uses slot "subscriber", and it keeps [34]\d(\.\d)? MB of WAL/],
         ['archiver-failing', 'pg1', 'pg1', ['-p', 'command=../archive-wal "%p" "%f"'],
          /[0-9A-F]{24} cannot be archived, nothing has been archived for .+; 1 file waits/],
         ['replication-lag', 'pg1', 'pg2', [], /"pg2" is [34]\d(\.\d)? MB behind, most of it waits to be replayed/],
         ['sync-standby-lost', 'pg1', 'pg1', ['-p', 'names=pg2'],
          /1 of 'pg9' must confirm each commit, none is there; 1 commits wait, the longest for /],
         ['configuration', 'pg1', 'pg1', [], /changed, and not read since: \S+\/postgresql\.auto\.conf/],
         ['standby-down', 'pg2', 'pg2', [], /its host is well, and its server does not run/],
         ['replication-broken', 'pg2', 'pg2', [], /it does not stream: .+; it needs WAL from 0\/[0-9A-F]+ on/],
         ['pg-wal-filling', 'pg1', 'pg1', ['-p', 'keep=64MB'], /pg_wal holds \d+(\.\d)? MB of old WAL; wal_keep_size keeps it/],
         ['disk-full', 'pg1', 'pg1', ['-p', 'logsOlderThan=30d'], /data\/log is 100 % full, 0 B are left; log takes \d+(\.\d)? MB/]]
    }

    @Override
    List<String> drillParameters(String incident) {
        incident == 'pg-wal-filling' ? ['-p', 'amount=128MB'] : []
    }

    /** A small file system, which may be filled. */
    @Override
    void prepare(String incident) {
        if (incident == 'disk-full') {
            if (!root) {
                throw new TestAbortedException('only root may mount a small file system to fill')
            }
            practice.demo.sh('pg1', 'mkdir -p data/log')
            mounted('mount', '-t', 'tmpfs', '-o', 'size=48m,mode=777', 'tmpfs')
        }
    }

    def cleanup() {
        if (new File('/proc/mounts').text.contains(logs())) {
            mounted('umount')
        }
    }

    private static boolean isRoot() {
        System.getProperty('user.name') == 'root'
    }

    private String logs() {
        practice.demo.home('pg1').resolve('data/log')
    }

    private void mounted(String... command) {
        assert new ProcessBuilder([*command, logs()]).inheritIO().start().waitFor() == 0
    }

    def "a slot of a node of the cluster is never dropped, and none that nobody named"() {
        given: 'a standby that is down'
        practice.demo.stop('pg3')
        practice.demo.execute('pg1', "select pg_logical_emit_message(false, 'x', repeat('x', 1048576)) from generate_series(1, 30)")

        when:
        def unnamed = practice.demo.cli.run('run', 'incident/inactive-slot', 'demo', '-p', 'severity=critical', '--confirm=demo/pg1')
        def named = practice.demo.cli.run('run', 'incident/inactive-slot', 'demo', '-p', 'severity=critical', '-p', 'slot=pg3', '--confirm=demo/pg1')
        def used = practice.demo.cli.run('run', 'incident/inactive-slot', 'demo', '-p', 'severity=critical', '-p', 'slot=pg2', '--confirm=demo/pg1')

        then:
        unnamed.exit == 3
        unnamed.err.startsWith('error: nothing says which slot to drop; name it, such as -p slot=pg3')
        named.exit == 3
        named.err.startsWith('error: slot "pg3" is that of a node of this cluster')
        used.exit == 3
        used.err.startsWith('error: slot "pg2" is in use, or there is none of that name')
        slots() == ['pg2', 'pg3'] as Set

        cleanup:
        practice.demo.start('pg3')
        practice.demo.eventually { practice.demo.ask('pg1', 'select count(*) from pg_stat_replication') == 2 }
    }

    def "a standby whose slot is lost is handed over to a clone, which works; the playbook itself does nothing"() {
        given: 'it was down for too long'
        practice.demo.stop('pg3')
        practice.demo.execute('pg1', "alter system set wal_keep_size = 0", 'select pg_reload_conf()',
            "select pg_logical_emit_message(false, 'x', repeat('x', 1048576)) from generate_series(1, 80)", 'checkpoint')

        when:
        def filling = practice.demo.cli.run('run', 'incident/pg-wal-filling', 'demo', '-p', 'limit=32MB', '-p', 'severity=critical', '--confirm=demo/pg1')

        then: 'what fills pg_wal is its slot, which has a playbook of its own'
        filling.exit == 3
        filling.err.startsWith('error: slot "pg3", which nobody uses, has to be seen to first: pgrunbook run incident/standby-down demo -p node=pg3')

        when:
        practice.demo.execute('pg1', "alter system set max_slot_wal_keep_size = '16MB'", 'select pg_reload_conf()')
        practice.demo.eventually {
            // The checkpointer may begin one before it has read the setting.
            practice.demo.execute('pg1', 'checkpoint')
            practice.demo.ask('pg1', "select wal_status from pg_replication_slots where slot_name = 'pg3'") == 'lost'
        }
        practice.demo.start('pg3')
        def looked = practice.demo.cli.run('run', 'incident/replication-broken', 'demo', '-p', 'node=pg3')
        def acted = critical('replication-broken', 'pg3', '--confirm=demo/pg3')

        then:
        looked.exit == 0
        looked.out.contains('its slot is lost')
        acted.exit == 3
        acted.err.startsWith('error: pg1 has no longer what pg3 needs: pgrunbook run replication/rejoin demo -p node=pg3 -p way=clone')

        when:
        def rejoined = practice.demo.cli.run('run', 'replication/rejoin', 'demo', '-p', 'node=pg3', '-p', 'way=clone', '--confirm=demo/pg3')

        then:
        rejoined.exit == 0
        practice.demo.cli.run('run', 'incident/replication-broken', 'demo').out.contains('all of them stream')

        cleanup:
        practice.demo.execute('pg1', 'alter system reset max_slot_wal_keep_size', 'alter system reset wal_keep_size', 'select pg_reload_conf()')
    }

    def "a mistake in a configuration file is found before a restart finds it, and nothing is read with it"() {
        given:
        def data = practice.demo.home('pg1').resolve('data')
        def files = ['postgresql.conf', 'pg_hba.conf'].collectEntries { [(it): data.resolve(it).toFile().text] }
        data.resolve('postgresql.conf').toFile() << "work_mem = 'a lot'\n"
        data.resolve('pg_hba.conf').toFile() << 'host all all 10.0.0.0/8 scram\n'

        when:
        def first = practice.triageNames('configuration', 'crit')
        def looked = practice.demo.cli.run('run', 'incident/configuration', 'demo')
        def acted = critical('configuration', 'pg1', '--confirm=demo/pg1')

        then:
        first.contains('with what is in its files it reads nothing anew, and does not start: line ')
        looked.out =~ /(?m)pg_hba\.conf +\d+ +- +invalid authentication method "scram"/
        looked.out =~ /(?m)postgresql\.conf +\d+ +work_mem +setting could not be applied/
        acted.exit == 3
        acted.err =~ /error: the server would not read them; correct first: line \d+ of \S+pg_hba\.conf: invalid .*; line \d+ of \S+postgresql\.conf, work_mem: /

        cleanup:
        files.each { name, text -> data.resolve(name).toFile().text = text }
        practice.demo.execute('pg1', 'select pg_reload_conf()')
        practice.demo.eventually { practice.demo.cli.run('run', 'incident/configuration', 'demo').out.contains('what is in its configuration files is in force') }
    }

    def "a file that was changed in the second in which it was read is unread only if that was after it: #told"() {
        given: 'by its time, of which the server tells whole seconds'
        def read = practice.demo.ask('pg1', 'select extract(epoch from pg_conf_load_time())') as BigDecimal
        practice.demo.sh('pg1', "touch --date=@${read + offset} data/pg_hba.conf")

        expect:
        practice.demo.cli.run('run', 'incident/configuration', 'demo').out.contains('changed, and not read since: ') == told

        cleanup:
        practice.demo.sh('pg1', "touch --date=@${read - 60} data/pg_hba.conf")

        where:
        offset   || told
        0.000100 || true
        -0.00010 || false
    }

    def "what only a restart brings in force is told, and no restart is made"() {
        given:
        practice.demo.execute('pg1', 'alter system set max_connections = 99', 'select pg_reload_conf()')

        when:
        practice.triageNames('configuration', 'warn')
        def acted = critical('configuration', 'pg1', '--confirm=demo/pg1')

        then:
        acted.exit == 3
        acted.err.startsWith('error: nothing waits to be read; only a restart brings max_connections in force')

        cleanup:
        practice.demo.execute('pg1', 'alter system reset max_connections', 'select pg_reload_conf()')
    }

    def "a role that lacks a privilege is told which: #granted"() {
        given:
        def looker = practice.looker()
        practice.demo.execute('pg1', *before)

        when:
        def told = practice.tried(looker, statement)

        then:
        told.exit == 3
        told.err.contains("HINT: Allow it: $granted;\n")

        when:
        practice.demo.execute('pg1', granted)
        def again = practice.tried(looker, statement)

        then:
        !again.err.contains(granted)

        cleanup:
        practice.demo.execute('pg1', 'drop owned by looker')

        where:
        statement                                   | before                                                       || granted
        'node.walUsage(null)'                       | ['revoke pg_monitor from looker']                            || 'GRANT pg_monitor TO "looker"'
        "node.alterSystem('wal_keep_size', '64MB')" | []                                                           || 'GRANT ALTER SYSTEM ON PARAMETER wal_keep_size TO "looker"'
        "node.alterSystem('wal_keep_size', '64MB')" | ['grant alter system on parameter wal_keep_size to looker']  || 'GRANT EXECUTE ON FUNCTION pg_reload_conf() TO "looker"'
    }

    @Requires({ instance.major >= 17 })
    def "a role that must not vacuum the tables of others is told of pg_maintain"() {
        expect:
        with(practice.tried(practice.looker(), 'node.freeze(node.tablesOlderThan(0))')) {
            exit == 3
            err.contains('HINT: Allow it: GRANT pg_maintain TO "looker";\n')
        }
    }

    def "an archive_command that keeps nothing is not set, and one that fails is taken back"() {
        given:
        def drill = practice.drill('archiver-failing')
        practice.triageNames('archiver-failing')
        def before = state()

        when:
        def nothing = practice.demo.cli.run('run', 'incident/archiver-failing', 'demo', '-p', 'severity=critical', '-p', 'command=/bin/true', '--confirm=demo/pg1')
        def failing = practice.demo.cli.run('run', 'incident/archiver-failing', 'demo', '-p', 'severity=critical', '-p', 'command=exit 2', '-p', 'patience=1s', '--confirm=demo/pg1')

        then:
        nothing.exit == 3
        nothing.err.startsWith('error: the command "/bin/true" keeps nothing: no restore would lead past it')
        failing.exit == 1
        failing.out.contains('undo: set the archive_command')
        state() == before

        cleanup:
        practice.demo.execute('pg1', 'alter system reset archive_command', 'select pg_reload_conf()')
        drill?.get(90, TimeUnit.SECONDS)
    }

    private Set<String> slots() {
        (practice.demo.ask('pg1', 'select array_agg(slot_name::text) from pg_replication_slots').array as List<String>).toSet()
    }

    @Override
    List<Object> state() {
        [slots(), practice.demo.ask('pg1', "select current_setting('archive_command') || current_setting('deadlock_timeout')"),
         practice.demo.ask('pg1', "select current_setting('synchronous_standby_names') || current_setting('wal_keep_size')"),
         practice.demo.serverProcesses('pg2') ? practice.demo.ask('pg2', 'select pg_is_wal_replay_paused()') : 'down']
    }
}
