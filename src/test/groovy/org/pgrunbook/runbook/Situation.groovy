package org.pgrunbook.runbook

import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.journal.Json

/** A runbook in a situation in which it has something to change. */
class Situation {
    final String runbook
    final List<String> parameters
    /** What tells two situations of one runbook apart. */
    final String name
    String target = 'demo'
    /** The one version that it is possible on, if not on all. */
    Integer major
    /** The stage that it begins from: one of {@link #STAGES}, or a sandbox that has just been made. */
    String stage = 'start'
    /** Makes the situation of the stage. */
    Closure<?> begin = { DemoSandbox demo -> }
    /** The nodes that it can change, so that they have to be put back after each try; the others go on. */
    List<String> touches = EVERYTHING
    /** Whether the store has to be put back, too. */
    boolean store = true
    /** What else is so when it has come to its end. */
    Closure<Boolean> also = { DemoSandbox demo -> true }
    /** What an undo leaves by its nature; each a pattern of a line of what differs. */
    List<String> stays = []
    /** What somebody who was killed leaves to expire, whoever goes on; each such a pattern. */
    List<String> leaves = []

    static final List<String> EVERYTHING = ['pg1', 'pg2', 'pg3', 'pg4']
    static final List<String> MEMBERS = ['pg1', 'pg2', 'pg3']

    /** What makes of a sandbox that has just been made one in which something has happened. */
    static final Map<String, Closure<?>> STAGES = [
        'failed over': { DemoSandbox demo ->
            demo.caughtUp('pg2', 'pg3')
            failOver(demo)
        },
        // Debian's programs are there for one version only, and embedded ones have no pg_rewind.
        diverged     : { DemoSandbox demo ->
            ['pg2', 'pg3'].each { demo.cutOff(it) }
            demo.execute('pg1', 'insert into t select generate_series(1, 100)')
            failOver(demo)
            def inventory = demo.sandbox.inventory().toFile()
            inventory.text = inventory.text.replaceFirst('(?s)(pg1:.*?bin: )"[^"]+"', '$1"/usr/lib/postgresql/15/bin"')
        },
        unarchived   : { DemoSandbox demo ->
            MEMBERS.each {
                demo.execute(it, 'alter system set archive_mode = off', "alter system set archive_command = ''")
                demo.stop(it)
                demo.start(it)
            }
        },
        restored     : { DemoSandbox demo ->
            demo.clear()
            def restored = demo.restore()
            assert restored.exit == 0: restored
            demo.execute('pg4', 'delete from t', 'checkpoint')
            demo.stop('pg4')
        }]

    private static void failOver(DemoSandbox demo) {
        demo.sandbox.kill('pg1')
        def failover = demo.cli.run('run', 'replication/failover', 'demo', '-p', 'maxLoss=16MB', '--confirm=demo')
        assert failover.exit == 0: failover
    }

    Situation(Map<String, ?> more = [:], String runbook, String... parameters) {
        this.runbook = runbook
        this.parameters = parameters as List
        name = more.name ?: runbook
        more.findAll { key, _ -> key != 'name' }.each { key, value -> this."$key" = value }
    }

    @Override
    String toString() { name }

    static final List<Situation> SITUATIONS = [
        new Situation('replication/switchover', 'maxTransaction=1h', 'writeInventory=true'),
        new Situation('replication/failover', 'writeInventory=true', 'maxLoss=16MB', begin: { it.sandbox.kill('pg1') }),
        new Situation('replication/rejoin', 'node=pg1', name: 'replication/rejoin, by follow', stage: 'failed over'),
        new Situation('replication/rejoin', 'node=pg1', 'way=clone', name: 'replication/rejoin, by clone', stage: 'failed over', stays: [/\.copy/]),
        new Situation('replication/rejoin', 'node=pg1', name: 'replication/rejoin, by rewind', stage: 'diverged', major: 15, stays: [/^pg1 data\.TIME/]),
        new Situation('replication/rejoin', 'node=pg1', 'way=clone', 'from=repository', name: 'replication/rejoin, from the repository', stage: 'failed over', stays: [/\.copy/], store: false),
        new Situation('replication/create-standby', 'node=pg4', 'existing=aside', 'from=repository', name: 'replication/create-standby, from the repository', touches: ['pg4'], stays: [/\.copy/], store: false),
        new Situation('replication/create-standby', 'node=pg4', 'existing=aside', 'writeInventory=true', touches: ['pg4'], stays: [/\.copy/], begin: {
            it.execute('pg1', "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = 'pg4'")
        }),
        new Situation('replication/remove-standby', 'node=pg3', 'writeInventory=true', touches: ['pg3'], begin: { demo ->
            demo.execute('pg1', "select pg_create_physical_replication_slot('pg3', true) where not exists (select from pg_replication_slots where slot_name = 'pg3')")
            demo.eventually { demo.ask('pg1', 'select count(*) from pg_stat_replication') == 2 }
        }),
        new Situation('replication/slots', 'drop=one,two', touches: [], store: false, begin: {
            ['one', 'two'].each { slot ->
                it.execute('pg1', "select pg_create_physical_replication_slot('$slot') where not exists (select from pg_replication_slots where slot_name = '$slot')")
            }
        }),
        new Situation('replication/sync', 'standbys=pg2,pg3', touches: [], store: false, begin: { demo ->
            demo.execute('pg1', 'alter system reset synchronous_standby_names', 'select pg_reload_conf()')
            demo.eventually { demo.ask('pg1', "select count(*) from pg_stat_replication where sync_state = 'async'") == 2 }
        }),
        new Situation('replication/write-roles', stage: 'failed over', touches: []),
        new Situation('restore/point-in-time', 'onto=pg4', 'existing=aside', touches: ['pg4']),
        new Situation('restore/point-in-time', 'onto=pg4', 'existing=delta', name: 'restore/point-in-time, by delta', stage: 'restored', touches: ['pg4']),
        new Situation('restore/rehearse', 'query=select 1', stays: ['store'], touches: ['pg4']),
        new Situation('archive/setup', 'restart=true', touches: [], store: false, begin: { demo ->
            MEMBERS.each {
                demo.execute(it, 'alter system reset archive_command', 'alter system reset archive_timeout', 'select pg_reload_conf()')
                demo.home(it).resolve('spool').toFile().setReadable(true, false)
            }
        }),
        // What counts from a restart on counts until the next one, which an undo says.
        new Situation('archive/setup', 'restart=true', name: 'archive/setup, with restarts', stage: 'unarchived', store: false, stays: [/settings/]),
        // What they bring into the store stays there, or the next would find gaps in the WAL.
        new Situation('backup/base-backup', stays: ['store'], leaves: ['store'], touches: [], store: false, also: { demo ->
            def listed = demo.cli.run('backups', 'demo', '--json').out.readLines().collect { Json.object(it) }
            listed.find { it.backup == demo.backups().last() }.state == 'complete'
        }),
        new Situation('backup/base-backup', 'from=pg2', name: 'backup/base-backup, from a standby', stays: ['store'], leaves: ['store'], touches: [], store: false),
        new Situation('backup/ship-wal', 'current=true', touches: [], store: false, also: { it.home('pg1').resolve('spool').toFile().list() == [] as String[] },
            begin: { demo ->
                demo.execute('pg1', "select pg_logical_emit_message(true, 'test', 'something to ship')", 'select pg_switch_wal()')
                demo.eventually { demo.home('pg1').resolve('spool').toFile().list().any { it.size() == 24 } }
            }),
        new Situation('backup/expire', 'full=1', touches: []),
        new Situation('backup/hold', 'backup=BACKUP', 'reason=audit', touches: []),
        new Situation('backup/release', 'backup=BACKUP', touches: [], begin: {
            assert it.cli.run('run', 'backup/hold', 'demo', '-p', "backup=${it.backups().first()}", '-p', 'reason=audit').exit == 0
        }),
        new Situation('health/verify-deployment', stays: ['store'], touches: [], store: false),
        new Situation('incident/accidental-change', 'severity=critical', 'time=NOW', stays: ['store'], touches: [], store: false),
        new Situation('maintenance/command', 'command=touch mark', touches: []),
        new Situation('examples/three-wires', 'bucket=pgrunbook', target: 'demo/pg1', touches: [])]

    /** What only a person ends, so that no specification can wait for its end. */
    static final List<String> ENDED_BY_HAND = ['drill/accidental-change', 'drill/clock-skew', 'drill/expiring-credentials', 'drill/failed-logins']

    /** The playbooks: what each acts upon, and the drill that makes its incident. */
    static final Map<String, List<String>> INCIDENTS = [
        'blocking-chain'       : [],
        'lock-queue'           : [],
        'runaway-query'        : [],
        'high-connections'     : [],
        'idle-in-transaction'  : [],
        'prepared-transactions': ['gid=drill-4711', 'outcome=rollback'],
        'invalid-indexes'      : ['index=public.pgrunbook_drill_balance'],
        'sequence-exhaustion'  : ['sequence=public.pgrunbook_drill_id_seq'],
        'xid-wraparound'       : [],
        'autovacuum-behind'    : [],
        'temp-files'           : [],
        'inactive-slot'        : ['slot=subscriber'],
        'archiver-failing'     : ['command=../archive-wal "%p" "%f" || exit 1'],
        'replication-lag'      : [],
        'sync-standby-lost'    : ['names=pg2'],
        'standby-down'         : ['node=pg2'],
        'replication-broken'   : ['node=pg2'],
        'pg-wal-filling'       : ['keep=64MB'],
        'disk-full'            : ['logsOlderThan=30d'],
        'backup-too-old'       : [],
        'checksum-failure'     : ['index=public.pgrunbook_drill_id'],
        'split-brain'          : ['fence=pg3'],
        'checkpoint-storm'     : ['size=512MB'],
        'configuration'        : []]

    /** Playbooks by the names of their forerunners, which are the same text. */
    static final Map<String, String> ALIASES = ['incident/slow-queries': 'runaway-query', 'incident/disk-space': 'disk-full']
}
