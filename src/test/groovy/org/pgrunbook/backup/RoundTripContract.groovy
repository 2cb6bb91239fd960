package org.pgrunbook.backup

import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.journal.Json
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification

/** What holds for every major version: all that belongs to a cluster comes back, as of the target. */
abstract class RoundTripContract extends Specification {
    @Shared @AutoCleanup DemoSandbox demo
    @Shared String id
    @Shared Map<String, String> targets = [:]
    @Shared String space

    abstract int getMajor()

    def setupSpec() {
        demo = DemoSandbox.up(major)
        // They would replay the tablespace into the primary's own: all hosts share one file system here.
        ['pg2', 'pg3'].each { demo.sandbox.kill(it) }
        space = "${demo.home('pg1')}/spaces/fast"
        demo.sh('pg1', '''
            mkdir -p spaces/fast spaces/fast/PG_9_1 && cd data &&
            echo mine > 'my notes.txt' && echo quoted > "it's.txt" && mkdir empty && echo kept > t1_1 &&
            mkdir -p base/pgsql_tmp && echo left > base/pgsql_tmp/pgsql_tmp4711.0 && echo left > base/5/t3_16999 &&
            echo 1 > standby.signal.old && echo other > ../spaces/fast/PG_9_1/other''')
        demo.execute('pg1',
            "create tablespace fast location '$space'",
            'create table rows as select id from generate_series(1, 1000) id',
            'create table in_space tablespace fast as select id from generate_series(1, 100) id',
            'create unlogged table fleeting as select id from generate_series(1, 100) id',
            'create table marks (label text)')
        id = demo.backup()
        mark('time')
        targets.time = demo.now()
        targets.xid = demo.ask('pg1', "with x as (insert into marks values ('xid')) select txid_current() % 4294967296")
        mark('lsn')
        targets.lsn = demo.ask('pg1', 'select pg_current_wal_insert_lsn()::text')
        mark('name')
        demo.execute('pg1', "select pg_create_restore_point('before the deploy')")
        targets.name = 'before the deploy'
        mark('last')
        demo.ship()
    }

    private void mark(String label) {
        demo.execute('pg1', "insert into marks values ('$label')")
    }

    def cleanup() {
        demo.clear()
    }

    def "a restore by #kind has what was committed up to there, and nothing after it"() {
        when:
        def parameters = kind == 'latest' ? [] : ["$kind=${targets[kind] ?: true}"]
        def run = demo.restore("tablespaces=$space=${demo.home('pg4')}/spaces/fast", *parameters*.toString(), *more.collect { it() })

        then:
        run.exit == 0
        demo.ask('pg4', "select string_agg(label, ' ' order by ctid) from marks") == marks
        demo.ask('pg4', 'select pg_is_in_recovery()') == false
        // P47: it must not archive where its source does.
        demo.ask('pg4', "select current_setting('archive_mode')") == 'off'

        where:
        kind     | more                || marks
        'xid'    | []                  || 'time xid'
        'xid'    | [{ 'inclusive=false' }] || 'time'
        'immediate' | []               || null
        'lsn'    | [{ "backup=$id" }]  || 'time xid lsn'
        'name'   | []                  || 'time xid lsn name'
        'latest' | []                  || 'time xid lsn name last'
    }

    def "everything that belongs to the cluster comes back"() {
        when:
        def run = demo.restore("time=${targets.time}", "tablespaces=fast=${demo.home('pg4')}/spaces/fast")

        then:
        run.exit == 0
        demo.ask('pg4', 'select count(*) || \' \' || sum(id) from rows') == '1000 500500'

        and: "P12: the tablespace is where it was told to be, and its source is untouched"
        demo.ask('pg4', 'select count(*) || \' \' || sum(id) from in_space') == '100 5050'
        demo.ask('pg4', "select pg_tablespace_location(oid) from pg_tablespace where spcname = 'fast'") == "${demo.home('pg4')}/spaces/fast"
        demo.ask('pg1', 'select count(*) from in_space') == 100

        and: "P9: an unlogged table is empty, and can be used"
        demo.ask('pg4', 'select count(*) from fleeting') == 0
        demo.execute('pg4', 'insert into fleeting values (1)')

        and: "files that a user has put there, with whatever name, and an empty directory"
        def data = demo.home('pg4').resolve('data').toFile()
        new File(data, 'my notes.txt').text == 'mine\n'
        new File(data, "it's.txt").text == 'quoted\n'
        new File(data, 't1_1').text == 'kept\n'
        new File(data, 'empty').directory

        and: "P5: the server was given backup_label to the byte"
        new File(data, 'backup_label.old').bytes == object('backup_label')

        and: "P51: nobody else can read it"
        demo.sh('pg4', 'stat -c %a data data/global/pg_control data/postgresql.auto.conf').readLines() == ['700', '600', '600']

        and: "P43, P44, P46: nothing of the recovery is left that the next start would obey; its WAL lay outside"
        !demo.home('pg4').resolve('data.wal').toFile().exists()
        ['recovery.signal', 'standby.signal'].every { !new File(data, it).exists() }
        !(new File(data, 'postgresql.auto.conf').text =~ /recovery_target|restore_command/)
    }

    def "P12, P47, P54: a rehearsal proves the newest backup, touches no data directory, and leaves nothing"() {
        given:
        def host = demo.sh('pg4', 'find . -not -path "./.*" | sort')

        when:
        def run = demo.cli.run('run', 'restore/rehearse', 'demo', '-p', 'query=select string_agg(label, $$ $$ order by ctid) from marks',
            '-p', 'expect=time xid lsn name last')

        then:
        run.exit == 0
        run.out =~ /(?m)^query +yes +it answers time xid lsn name last$/
        run.out =~ /(?m)^pages +yes +\d{4,} pages, read from here$/
        run.out =~ /(?m)^amcheck +no +not done: there is no pg_amcheck on the host$/
        run.out.contains('archive_mode is off, it follows nobody, 0 standbys follow it')
        run.out.contains("finding: $id can be restored")

        and:
        demo.sh('pg4', 'find . -not -path "./.*" | sort') == host
        demo.ask('pg1', 'select count(*) from in_space') == 100
    }

    def "P8: what a server makes anew, or must not find, is not in the archives"() {
        given:
        def names = archives('data').collectMany { demo.listed(it) }

        expect:
        names.containsAll(['pg_wal/', 'pg_replslot/', 'pg_notify/', 'pg_subtrans/', 'base/5/', 'PG_VERSION', 'my notes.txt'])
        !names.any { it =~ '^(pg_wal|pg_replslot|pg_dynshmem|pg_notify|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans)/.' }
        !names.any { it =~ '(^|/)(postmaster\\.(pid|opts)|pgsql_tmp.*|pg_internal\\.init|t3_16999|backup_label|tablespace_map)$' }
        !names.any { it =~ '^pg_tblspc/.' }

        and: "P7: pg_control is apart"
        !names.contains('global/pg_control')
        object('pg_control').length == 8192

        and: "P9: of unlogged tables there are the initialisation forks alone"
        def fork = demo.ask('pg1', "select pg_relation_filepath('fleeting')")
        names.contains(fork + '_init')
        !names.contains(fork)
    }

    def "P12: of a tablespace the folder of this server is in the backup, not another's"() {
        given:
        def oid = demo.ask('pg1', "select oid::text from pg_tablespace where spcname = 'fast'")
        def names = archives("tablespaces/$oid").collectMany { demo.listed(it) }

        expect:
        names.any { it.startsWith("PG_${major}_") }
        !names.any { it.startsWith('PG_9_1') }
        new String(object('tablespace_map')) == "$oid $space\n"
    }

    def "all of it is found sound, the checksums of its pages included"() {
        when:
        def run = demo.cli.run('run', 'backup/verify', 'demo')

        then:
        run.exit == 0
        run.out =~ /(?m)^pages +\d{4,}\nfinding +sound$/
    }

    def "P5: backup_label is what the server gave, with its sum in the manifest"() {
        given:
        def manifest = Json.object(new String(object('manifest.json')))

        expect:
        manifest.label.sha256 == object('backup_label').digest('SHA-256')
        new String(object('backup_label')) =~ /(?s)^START WAL LOCATION: .*\nLABEL: pgrunbook $id\n.*\n$/
    }

    private byte[] object(String name) {
        demo.repository().resolve("backups/$id/$name").toFile().bytes
    }

    private List<File> archives(String folder) {
        demo.repository().resolve("backups/$id/$folder").toFile().listFiles().sort()
    }
}

class BackupOn15Spec extends RoundTripContract {
    int getMajor() { 15 }
}

class BackupOn16Spec extends RoundTripContract {
    int getMajor() { 16 }
}

class BackupOn17Spec extends RoundTripContract {
    int getMajor() { 17 }
}

class BackupOn18Spec extends RoundTripContract {
    int getMajor() { 18 }
}
