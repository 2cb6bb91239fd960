package org.pgrunbook.runbook

import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.fixtures.Footprint
import org.pgrunbook.journal.Json
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Stepwise

import java.nio.file.Path
import java.sql.Connection
import java.sql.DriverManager

/** Every shipped runbook described on real servers, which are compared with what they were before. */
@Stepwise
class DryRunSpec extends Specification {
    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(18)
    @Shared List<Connection> clients = []
    @Shared String backup

    /** How each runbook is run, and a change that it must announce. */
    static final Map<String, List> RUNS = [
        'health/daily-checklist'         : [['demo'], 'nothing would be changed'],
        'health/verify-deployment'       : [['demo'], 'would sql demo/pg1 '],
        'health/performance'             : [['demo', '-p', 'over=1s'], 'nothing would be changed'],
        'health/status'                  : [['demo'], 'nothing would be changed'],
        'backup/base-backup'             : [['demo'], 'would store main PUT demo/'],
        'backup/ship-wal'                : [['demo', '-p', 'current=true'], 'would ssh demo/pg1 rm -f -- spool/0000'],
        'backup/verify'                  : [['demo'], 'nothing would be changed'],
        'backup/expire'                  : [['demo', '-p', 'full=1'], 'would '],
        'backup/hold'                    : [['demo', '-p', 'backup=BACKUP', '-p', 'reason=audit'], 'would store main PUT demo/'],
        'backup/release'                 : [['demo', '-p', 'backup=BACKUP'], 'would store main DELETE demo/'],
        'restore/plan'                   : [['demo', '-p', 'onto=pg4'], 'nothing would be changed'],
        'restore/rehearse'               : [['demo', '-p', 'query=select 1'], 'would store main PUT demo/'],
        'archive/setup'                  : [['demo', '-p', 'restart=true'], 'would sql demo/pg1 alter system set archive_command'],
        'restore/point-in-time'          : [['demo', '-p', 'onto=pg4', '-p', 'existing=aside'], 'would ssh demo/pg4 mv --no-target-directory'],
        'replication/write-roles'        : [['demo'], 'nothing would be changed'],
        'replication/slots'              : [['demo'], 'nothing would be changed'],
        'replication/sync'               : [['demo', '-p', 'standbys=pg2,pg3'], 'would sql demo/pg1 alter system set synchronous_standby_names'],
        'replication/create-standby'     : [['demo', '-p', 'node=pg4', '-p', 'existing=aside'], 'would sql demo/pg1 select pg_create_physical_replication_slot('],
        'replication/remove-standby'     : [['demo', '-p', 'node=pg3'], 'would ssh demo/pg3 '],
        'replication/rejoin'             : [['demo', '-p', 'node=pg2', '-p', 'way=clone'], 'would ssh demo/pg2 mv --no-target-directory'],
        'replication/switchover'         : [['demo', '-p', 'maxTransaction=1h', '-p', 'writeInventory=true'], 'pg_promote('],
        'incident/triage'                : [['demo'], 'nothing would be changed'],
        'incident/failover'              : [['demo'], 'nothing would be changed'],
        'incident/high-connections'      : [['demo', '-p', 'severity=critical'], 'would sql demo/pg1 '],
        'incident/idle-in-transaction'   : [['demo', '-p', 'severity=critical'], 'would sql demo/pg1 '],
        'incident/blocking-chain'        : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/lock-queue'            : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/runaway-query'         : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/slow-queries'          : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/prepared-transactions' : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/invalid-indexes'       : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/sequence-exhaustion'   : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/inactive-slot'         : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/replication-lag'       : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/archiver-failing'      : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/pg-wal-filling'        : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/sync-standby-lost'     : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/standby-down'          : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/replication-broken'    : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/xid-wraparound'        : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/autovacuum-behind'     : [['demo', '-p', 'severity=critical'], 'would sql demo/pg1 alter system set autovacuum'],
        'incident/temp-files'            : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/disk-full'             : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/disk-space'            : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/accidental-change'     : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/backup-too-old'        : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/checksum-failure'      : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/split-brain'           : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/checkpoint-storm'      : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/configuration'         : [['demo', '-p', 'severity=critical'], 'nothing would be changed'],
        'incident/expiring-credentials'  : [['demo'], 'nothing would be changed'],
        'incident/failed-logins'         : [['demo'], 'nothing would be changed'],
        'incident/clock-skew'            : [['demo'], 'nothing would be changed'],
        'drill/expiring-credentials'     : [['demo'], 'would sql demo/pg1 '],
        'drill/failed-logins'            : [['demo'], 'would sql demo/pg1 '],
        'drill/clock-skew'               : [['demo'], 'would sql demo/pg1 '],
        'drill/configuration'            : [['demo'], 'would sql demo/pg1 '],
        'drill/split-brain'              : [['demo'], 'would sql demo/pg3 '],
        'drill/checkpoint-storm'         : [['demo'], 'would sql demo/pg1 '],
        'drill/accidental-change'        : [['demo'], 'would sql demo/pg1 '],
        'drill/backup-too-old'           : [['demo'], 'would sql demo/pg1 '],
        'drill/checksum-failure'         : [['demo'], 'would sql demo/pg1 '],
        'drill/disk-full'                : [['demo', '-p', 'most=1TB'], 'would ssh demo/pg1 '],
        'drill/high-connections'         : [['demo'], 'would sql demo/pg1 '],
        'drill/pg-wal-filling'           : [['demo'], 'would sql demo/pg1 '],
        'drill/sync-standby-lost'        : [['demo'], 'would sql demo/pg1 '],
        'drill/standby-down'             : [['demo'], 'would ssh demo/pg2 '],
        'drill/replication-broken'       : [['demo'], 'would sql demo/pg1 select pg_drop_replication_slot('],
        'drill/xid-wraparound'           : [['demo'], 'would sql demo/pg1 '],
        'drill/autovacuum-behind'        : [['demo'], 'would sql demo/pg1 '],
        'drill/temp-files'               : [['demo'], 'would sql demo/pg1 '],
        'drill/blocking-chain'           : [['demo'], 'would sql demo/pg1 '],
        'drill/lock-queue'               : [['demo'], 'would sql demo/pg1 '],
        'drill/runaway-query'            : [['demo'], 'would sql demo/pg1 '],
        'drill/idle-in-transaction'      : [['demo'], 'would sql demo/pg1 '],
        'drill/prepared-transactions'    : [['demo'], 'would sql demo/pg1 '],
        'drill/invalid-indexes'          : [['demo'], 'would sql demo/pg1 '],
        'drill/sequence-exhaustion'      : [['demo'], 'would sql demo/pg1 '],
        'drill/inactive-slot'            : [['demo'], 'would sql demo/pg1 '],
        'drill/archiver-failing'         : [['demo'], 'would sql demo/pg1 '],
        'drill/replication-lag'          : [['demo'], 'would sql demo/pg2 select pg_wal_replay_pause()'],
        'maintenance/command'            : [['demo', '-p', 'command=touch mark'], 'would ssh demo/pg1 touch mark'],
        'examples/three-wires'           : [['demo/pg1', '-p', 'bucket=pgrunbook'], 'would store pgrunbook PUT processes/pg1.txt'],
        // The last one, because its primary has to be dead.
        'replication/failover'           : [['demo', '-p', 'writeInventory=true'], 'pg_promote(']]

    /** It fails of what the other runbooks are to act upon. */
    static final String CRITICAL = 'health/daily-checklist'

    def setupSpec() {
        // Which writes into the data directory by itself.
        demo.execute('pg1', 'alter system set autovacuum = off', 'select pg_reload_conf()', 'create table t as select generate_series(1, 1000) as id')
        backup = demo.backup()
        // Something in the spool to ship, something on the spare to move aside, and somebody to end.
        demo.execute('pg1', 'insert into t values (1001)', 'select pg_switch_wal()')
        demo.eventually { demo.home('pg1').resolve('spool').toFile().list().length > 0 }
        demo.home('pg4').resolve('data/left over').toFile().text = 'mine'
        def inventory = demo.sandbox.inventory().toFile()
        inventory.text = inventory.text.replaceFirst(/(?m)^    thresholds: .*$/,
            '    thresholds: { connections: 1, idle: 1ms, idleInTransaction: 1ms, xidAge: 100000 }')
        // A folder for the server's log, so that a drill could fill its file system.
        demo.sh('pg1', 'mkdir data/log')
        3.times { clients << client() }
        clients.first().autoCommit = false
        clients.first().createStatement().execute('select 1')
    }

    def cleanupSpec() {
        clients*.close()
    }

    def "all shipped runbooks are here"() {
        expect:
        RUNS.keySet() == Library.of(demo.folder, Path.of(System.getProperty('pgrunbook.home'))).all().keySet()
    }

    def "a dry run of #runbook says what it would change, and changes nothing"() {
        given:
        if (runbook == 'replication/failover') {
            clients*.close()
            demo.sandbox.kill('pg1')
        }
        def before = Footprint.exact(demo)

        when:
        def run = demo.cli.run('run', runbook, *arguments*.replace('BACKUP', backup), '--dry-run')

        then:
        run.exit == (runbook == CRITICAL ? 1 : 0)
        run.out.contains(change)
        run.err == '' || runbook == CRITICAL && run.err.startsWith('error: 1 finding is critical')
        run.out.contains('not to be foreseen') == (runbook in ['examples/three-wires', 'incident/high-connections', 'health/verify-deployment'])

        and: 'nothing of it runs on'
        demo.eventually { demo.processes('tar') + demo.processes('zstd') == [] }
        demo.eventually { sessions() == 0 }

        and:
        Footprint.differences(before, Footprint.exact(demo)) == [:]

        where:
        runbook << RUNS.keySet()
        (arguments, change) = RUNS[runbook]
    }

    def "a dry run of a failover goes to its end, and sums up what would be changed in order"() {
        when:
        def run = demo.cli.run('run', 'replication/failover', 'demo', '-n', '-v')
        def summary = run.out.readLines().dropWhile { !it.endsWith('would be made:') }

        then:
        run.exit == 0
        summary.findAll { it =~ /^  \S/ }*.trim() == [
            'fence the old primary', 'promote the standby', 'prove that it takes writes', 'make the other standbys follow it',
            'see whether commits are confirmed']
        !summary.any { it.startsWith('not to be foreseen') }

        and: 'what a real run would ask, lock, wait for and undo is told'
        run.out.contains('would lock demo.roles')
        run.out.contains('would ask, unless --confirm=demo was given: Promote pg2 and lose no WAL?')
        run.out.contains('would undo if it fails: let pg1 be started again')
        run.out.contains('would wait until pg2 has applied its WAL, 1 min at most')
        run.out.contains('would make sure that pg2 takes writes on a timeline of its own')
        run.out =~ /sql   demo\/pg2 .*as it is before/

        and: 'it is in the journal as what it was'
        def last = demo.cli.run('runs', '--json', '-n', '1').out.readLines().collect { Json.object(it) }.first()
        last.kind == 'dry run'
        last.outcome == 'done'
        demo.cli.run('log', 'last').out =~ /(?m)would sql +demo\/pg2 +select .*pg_promote/
    }

    def "what the real run would refuse is refused, with the same exit status"() {
        when:
        def alive = demo.cli.run('run', 'restore/point-in-time', 'demo', '-p', 'onto=pg4', '-n')

        then:
        alive.exit == 3
        alive.err.contains('is not empty')
        alive.err.contains('state: nothing was changed')
    }

    def "the comparison would have seen a real run"() {
        given:
        def before = Footprint.exact(demo)

        expect:
        demo.cli.run('run', 'examples/three-wires', 'demo/pg2', '-p', 'bucket=pgrunbook').exit == 0
        Footprint.differences(before, Footprint.exact(demo)).keySet().any { it.startsWith('store ') }
    }

    private Connection client() {
        def password = demo.folder.resolve('sandbox/secrets/sql-password').toFile().text.trim()
        // Not the superuser's own application: that is who tests.
        DriverManager.getConnection("jdbc:postgresql://127.0.0.1:${demo.port('pg1')}/postgres?ApplicationName=shop", 'postgres', password)
    }

    private int sessions() {
        ['pg1', 'pg2', 'pg3'].findAll { demo.serverProcesses(it) }.sum { demo.ask(it, "select count(*)::int from pg_stat_activity where application_name like 'pgrunbook/%'") } as int
    }
}
