package org.pgrunbook.postgres

import java.nio.file.Files
import java.sql.DriverManager
import java.time.Instant
import org.pgrunbook.DataSize
import org.pgrunbook.Problem
import org.pgrunbook.fixtures.EmbeddedPostgres
import org.pgrunbook.postgres.WalEvent.RestorePoint
import org.pgrunbook.postgres.WalEvent.TransactionEnd
import org.pgrunbook.postgres.WalReader.Ending
import org.pgrunbook.postgres.WalReader.Reading
import org.pgrunbook.sandbox.Binaries
import spock.lang.Shared
import spock.lang.Specification

class WalReaderSpec extends Specification {
    private static final DataSize SIZE = DataSize.parse('1MB')
    private static final int MB = 1 << 20

    /** No WAL but our own, and every segment stays. */
    private static final Map<String, String> SETTINGS = [
        track_commit_timestamp: 'on', max_prepared_transactions: '5', autovacuum: 'off', wal_keep_size: '1GB',
        checkpoint_timeout: '1h', max_wal_size: '1GB',
    ]

    @Shared
    Map<Integer, EmbeddedPostgres> servers = [:]

    def setupSpec() {
        servers = Binaries.MAJORS.collectEntries { [it, EmbeddedPostgres.start(it, SETTINGS, ['--wal-segsize=1'])] }
        servers.values().each { run(it, 'create table t (x text)') }
    }

    def cleanupSpec() {
        servers.values()*.close()
    }

    def "the header of a segment of PostgreSQL #major says whose it is"() {
        given:
        def server = servers[major]
        def segment = WalSegment.containing(lsn(server), 1, SIZE)

        when:
        def header = file(server, segment).withInputStream { WalHeader.read(it) }

        then:
        header.version() == new Version(major, 0)
        header.systemIdentifier() == one(server, 'select system_identifier from pg_control_system()')
        header.timeline() == 1
        header.start() == segment.start()
        header.segmentSize() == SIZE
        header.pageSize() == DataSize.parse('8kB')

        where:
        major << Binaries.MAJORS
    }

    def "every commit of PostgreSQL #major is told, with its xid and its time to the microsecond"() {
        given:
        def server = servers[major]
        def start = lsn(server)

        when:
        def xids = (1..20).collect { insert(server) }
        def told = events(server, start)

        then:
        told*.xid() == xids
        told.every { it.committed() }
        told*.time() == xids.collect { time(server, "select pg_xact_commit_timestamp('$it'::xid)") }
        told*.end() == told*.end().toSorted()

        where:
        major << Binaries.MAJORS
    }

    def "a rollback of PostgreSQL #major is told, and not as a commit"() {
        given:
        def server = servers[major]
        def start = lsn(server)

        when:
        def xids = run(server, 'begin', INSERT, 'rollback', INSERT)[1, 3]

        then:
        events(server, start).collect { [it.xid(), it.committed()] } == [[xids[0], false], [xids[1], true]]

        where:
        major << Binaries.MAJORS
    }

    def "a prepared transaction of PostgreSQL #major ends under its own xid, at '#command'"() {
        given:
        def server = servers[major]
        def start = lsn(server)

        when: 'it has all that may stand before the xid: a subtransaction, dropped relations and statistics'
        run(server, 'create table dropped (x int primary key)')
        def xid = run(server, 'begin', INSERT, 'savepoint s', 'create table made (x int primary key)',
            'drop table dropped', "prepare transaction 'gid'")[1]
        def before = insert(server)
        run(server, "$command prepared 'gid'", 'drop table if exists dropped, made')
        def told = events(server, start)

        then:
        told.findAll { it.xid() in [xid, before] }.collect { [it.xid(), it.committed()] } ==
            [[before, true], [xid, command == 'commit']]

        where:
        [major, command] << [Binaries.MAJORS, ['commit', 'rollback']].combinations()
    }

    def "a restore point of PostgreSQL #major is told, with the LSN and about the time of its making"() {
        given:
        def server = servers[major]
        def start = lsn(server)
        def name = 'before the übergang'

        when:
        def before = time(server, 'select clock_timestamp()')
        def end = Lsn.parse(one(server, "select pg_create_restore_point('$name')::text") as String)
        def after = time(server, 'select clock_timestamp()')
        // A restore point does not reach the disk on its own.
        insert(server)
        def told = events(server, start)

        then:
        told[0] == new RestorePoint(name, told[0].time(), end)
        told[0].time() >= before && told[0].time() <= after

        where:
        major << Binaries.MAJORS
    }

    def "P11: the pages of PostgreSQL #major that a replay writes as a whole are told"() {
        given: "pages that had been written before the checkpoint, and a new one"
        def server = servers[major]
        run(server, "create table torn as select repeat('x', 1000) as x from generate_series(1, 20)", 'checkpoint',
            'select pg_switch_wal()')
        def start = lsn(server)
        def file = RelationFile.of(one(server, "select pg_relation_filepath('torn')") as String).get()

        when:
        run(server, "update torn set x = 'y' where ctid in ('(1,1)', '(2,1)')", 'create table other as select generate_series(1, 20)')
        insert(server)
        def told = []
        def reader = WalReader.ofRewrittenBlocks { told << it }
        segments(server, start).each { read(reader, server, it) }
        def blocks = told.findAll { it.database() == file.database() && it.relation() == file.relation() && it.fork() == 0 }*.number()

        then: "those that were changed, and not the one that was let alone"
        blocks.containsAll([1L, 2L])
        !blocks.contains(0L)

        cleanup:
        run(server, 'drop table if exists torn, other')

        where:
        major << Binaries.MAJORS
    }

    def "what a committed transaction of PostgreSQL #major has taken away is told: rows by table, and files, but nothing of what was rolled back"() {
        given:
        def server = servers[major]
        run(server, 'create table kept as select i, i as other from generate_series(1, 50) i', 'create table gone (x int)', 'create table emptied as select 1')
        def table = RelationFile.of(one(server, "select pg_relation_filepath('kept')") as String).get()
        def files = ['gone', 'emptied'].collect { RelationFile.of(one(server, "select pg_relation_filepath('$it')") as String).get() }
        def start = lsn(server)

        when:
        def xid = run(server, 'begin', INSERT, 'delete from kept where i <= 10', 'savepoint s', 'delete from kept where i between 11 and 14',
            'savepoint t', 'delete from kept where i > 40', 'rollback to t', 'update kept set other = 0 where i = 20', 'commit')[1]
        run(server, 'begin', 'delete from kept', 'rollback')
        run(server, 'begin', 'delete from kept where i = 50', "prepare transaction 'taken'", 'insert into t values (2)', "commit prepared 'taken'")
        run(server, 'begin', 'drop table gone', 'truncate emptied', 'commit')
        insert(server)
        def told = []
        def reader = WalReader.ofRemovals({ }, { if (it.end() > start) { told << it } })
        segments(server, start).each { read(reader, server, it) }

        then:
        told*.xid().first() == xid
        told[0].rows() == [new Removal.Rows(table, 14, 1)]
        told[0].files() == []
        told[1].rows() == [new Removal.Rows(table, 1, 0)]
        told[2].files() as Set == files as Set
        told.size() == 3

        cleanup:
        run(server, 'drop table if exists kept, gone, emptied')

        where:
        major << Binaries.MAJORS
    }

    def "records of PostgreSQL #major go on from page to page and from segment to segment"() {
        given:
        def server = servers[major]
        def start = lsn(server)

        when: 'a record of 3 MB, a row of 2 MB in many, and the end of a transaction of 80 kB across a boundary'
        one(server, "select pg_logical_emit_message(false, '', repeat('x', 3 * $MB))")
        def row = one(server, "insert into t select string_agg(md5(i::text), '') from generate_series(1, 65536) i " +
            'returning pg_current_xact_id()::text::bigint')
        def prepared = run(server, 'begin', INSERT, '''do $$ begin
            for i in 1..20000 loop begin insert into t values (1); exception when others then end; end loop; end $$''',
            "prepare transaction 'gid'")[1]
        def room = MB - lsn(server).value() % MB
        one(server, "select pg_logical_emit_message(false, '', repeat('x', ($room - 20000 + $MB) % $MB::int))")
        run(server, "commit prepared 'gid'")
        def told = events(server, start)

        then:
        told*.xid() == [row, prepared]
        segment(told[1].end()) != segment(new Lsn(told[1].end().value() - 80_000))

        and: 'a reader that begins anywhere tells the same, but for what ended before'
        def begins = [told[0].end(), new Lsn(told[1].end().value() - 80_000)]
        segments(server, start).tail().every { segment ->
            def whole = (0..1).findAll { begins[it].reaches(segment.start()) }
            events(server, segment.start()) == told[whole]
        }

        where:
        major << Binaries.MAJORS
    }

    def "segments of 16 MB are read as well"() {
        given:
        def server = EmbeddedPostgres.start(18, SETTINGS)
        def size = DataSize.parse('16MB')
        def start = lsn(server)
        run(server, 'create table t (x text)', '''do $$ begin
            for i in 1..30000 loop insert into t values (repeat('x', 1000)); commit; end loop; end $$''')

        when:
        def told = []
        def reader = new WalReader(told.&add)
        def readings = WalSegment.range(start, lsn(server), 1, size).collect { read(reader, server, it) }

        then:
        told.count { it.end() > start } == 30_001
        readings*.ending() == [Ending.FULL] * (readings.size() - 1) + [Ending.UNWRITTEN]
        readings.size() > 2

        cleanup:
        server.close()
    }

    def "P41: the last commit of a segment of PostgreSQL #major is the newest, whatever was rolled back later"() {
        given:
        def server = servers[major]
        one(server, 'select pg_switch_wal()::text')
        insert(server)
        def segment = segment(lsn(server))

        when:
        def xid = insert(server)
        run(server, 'begin', INSERT, 'rollback')
        one(server, 'select pg_switch_wal()::text')
        def last = file(server, segment).withInputStream { WalReader.lastCommit(segment, it) }.get()

        then:
        last.xid() == xid
        last.time() == time(server, "select pg_xact_commit_timestamp('$xid'::xid)")

        where:
        major << Binaries.MAJORS
    }

    def "the open segment of PostgreSQL #major ends where nothing was written yet"() {
        given:
        def server = servers[major]
        insert(server)
        def end = lsn(server)

        when:
        def reading = read(new WalReader({ }), server, segment(end))

        then:
        reading.ending() == Ending.UNWRITTEN
        reading.end().reaches(end)
        !reading.goesOn()

        where:
        major << Binaries.MAJORS
    }

    def "a record that a crash of PostgreSQL #major cut off is passed over"() {
        given: 'a server that crashed before the end of a record reached the disk'
        def server = EmbeddedPostgres.start(major, SETTINGS, ['--wal-segsize=1'])
        run(server, 'create table t (x text)')
        def start = lsn(server)
        def before = insert(server)
        one(server, "select pg_logical_emit_message(false, '', repeat('x', 3 * $MB))")
        insert(server)
        def last = segment(lsn(server))
        server.stop('immediate')
        Files.delete(file(server, last).toPath())
        server.start()

        when:
        def after = insert(server)

        then:
        events(server, start)*.xid() == [before, after]

        cleanup:
        server.close()

        where:
        major << Binaries.MAJORS
    }

    def "the WAL of PostgreSQL #major goes on from a timeline to its child"() {
        given:
        def server = EmbeddedPostgres.start(major, SETTINGS, ['--wal-segsize=1'])
        run(server, 'create table t (x text)')
        def start = lsn(server)
        def parent = insert(server)
        one(server, 'select pg_switch_wal()::text')
        def fork = insert(server)
        server.stop()
        Files.createFile(server.data.resolve('standby.signal'))
        server.start()
        one(server, 'select pg_promote()')
        def child = insert(server)
        def end = lsn(server)

        when:
        def told = []
        def reader = new WalReader(told.&add)
        def readings = WalSegment.range(start, end, 1, SIZE).collect {
            def onChild = new WalSegment(2, it.number(), SIZE)
            read(reader, server, file(server, onChild).exists() ? onChild : it)
        }

        then:
        told.findAll { it.end() > start }*.xid() == [parent, fork, child]
        readings.last().end().reaches(end)

        and: 'where the child begins it holds what its parent had written'
        readings*.header()*.timeline().toSet() == [1].toSet()

        cleanup:
        server.close()

        where:
        major << Binaries.MAJORS
    }

    def "a flipped bit ends the reading before its record"() {
        given:
        def (WalSegment segment, byte[] bytes, List<WalEvent> all) = written()
        def damaged = all[2].end().value() - segment.start().value() - at as int

        when:
        bytes[damaged] = (byte) (bytes[damaged] ^ 4)
        def told = []
        def reading = new WalReader(told.&add).read(segment, new ByteArrayInputStream(bytes))

        then:
        told == all[0, 1]
        reading.ending() == Ending.INVALID
        reading.end().reaches(all[1].end())
        !reading.end().reaches(all[2].end())

        where: 'in the main data, in the xid and in the checksum of a commit of 34 bytes that are padded to 40'
        at << [10, 36, 20]
    }

    def "a file that was cut off ends the reading after its last whole record"() {
        given:
        def (WalSegment segment, byte[] bytes, List<WalEvent> all) = written()
        def length = { WalEvent event -> (event.end().value() - segment.start().value()) as int }

        expect:
        [1, 8, 20, 39].every {
            def told = []
            def reading = new WalReader(told.&add).read(segment, cut(bytes, length(all[2]) - it))
            told == all[0, 1] && reading.ending() == Ending.TRUNCATED || it == 1 && told == all[0, 1, 2]
        }
    }

    def "a file of #length bytes is no segment"() {
        given:
        def (WalSegment segment, byte[] bytes) = written()

        when:
        new WalReader({ }).read(segment, cut(bytes, length))

        then:
        def problem = thrown(Problem)
        problem.fact() == "a WAL segment has only $length bytes"
        problem.where().get() == segment.name()

        where:
        length << [0, 39]
    }

    def "P35: a file is no segment if #what"() {
        given:
        def (WalSegment segment, byte[] bytes) = written()

        when:
        change(bytes)
        new WalReader({ }).read(named(segment), new ByteArrayInputStream(bytes))

        then:
        def problem = thrown(Problem)
        problem.fact().contains(fact)

        where:
        what                     | change                          | named                                             || fact
        'it is empty'            | { Arrays.fill(it, (byte) 0) }   | { it }                                            || 'no WAL segment, for it begins with 0000'
        'it is compressed'       | { it[0] = 0x28; it[1] = 0xb5 }  | { it }                                            || 'no WAL segment, for it begins with 28b5'
        'its sizes are absurd'   | { it[36] = 7 }                  | { it }                                            || 'is damaged'
        'it waits for new WAL'   | { }                             | { it.next() }                                     || 'the file holds the WAL from '
        'segments are larger'    | { }                             | { new WalSegment(1, 1, DataSize.parse('16MB')) }  || 'WAL segments are of 1 MB, not 16 MB'
        'its timeline is later'  | { it[4] = 2 }                   | { it }                                            || 'the file is of the later timeline 2'
    }

    def "what a file held before it was reused is not read"() {
        given:
        def (WalSegment segment, byte[] bytes, List<WalEvent> all) = written()
        def length = all[2].end().value() - segment.start().value() as int
        def page = (length.intdiv(8192) + 1) * 8192

        when: 'the WAL ends on a page before those of an older segment'
        Arrays.fill(bytes, length, page, (byte) 0)
        bytes[page..<page + 16] = bytes[8192..<8192 + 16]
        def reading = new WalReader({ }).read(segment, new ByteArrayInputStream(bytes))

        then:
        reading.ending() == Ending.UNWRITTEN
        reading.end() == all[2].end()
    }

    def "segments are read in their order, without a gap and only while the WAL goes on"() {
        given:
        def server = servers[18]
        def (first, second, third) = (1..3).collect {
            insert(server)
            def segment = segment(lsn(server))
            one(server, 'select pg_switch_wal()::text')
            segment
        }
        def reader = new WalReader({ })

        expect:
        read(reader, server, first).ending() == Ending.SWITCHED

        when:
        read(reader, server, third)

        then:
        def gap = thrown(Problem)
        gap.fact() == "the WAL from ${third.start()} does not follow that up to ${second.start()}"

        when: 'the next one is of another cluster'
        def bytes = file(server, second).bytes
        bytes[24] = (byte) (bytes[24] ^ 1)
        reader.read(second, new ByteArrayInputStream(bytes))

        then:
        def other = thrown(Problem)
        other.fact().startsWith('the WAL is of the cluster with the system identifier ')

        when: 'the next one is cut off'
        reader.read(second, cut(file(server, second).bytes, 40))
        read(reader, server, third)

        then:
        def ended = thrown(Problem)
        ended.fact().startsWith('the WAL had ended at ')
    }

    private static final String INSERT = "insert into t values ('x') returning pg_current_xact_id()::text::bigint"

    /** A segment with ten commits, its bytes and its events. */
    private List written() {
        def server = servers[18]
        one(server, 'select pg_switch_wal()::text')
        def start = lsn(server)
        10.times { insert(server) }
        one(server, 'select pg_switch_wal()::text')
        insert(server)
        [segment(start), file(server, segment(start)).bytes, events(server, start)]
    }

    private static InputStream cut(byte[] bytes, int length) {
        new ByteArrayInputStream(bytes, 0, length)
    }

    /** What the WAL from an LSN on tells. */
    private static List<WalEvent> events(EmbeddedPostgres server, Lsn start) {
        List<WalEvent> told = []
        def reader = new WalReader(told.&add)
        def readings = segments(server, start).collect { read(reader, server, it) }
        assert readings.init().every { it.goesOn() }
        told.findAll { it.end() > start }
    }

    private static List<WalSegment> segments(EmbeddedPostgres server, Lsn start) {
        WalSegment.range(start, lsn(server), 1, SIZE)
    }

    private static Reading read(WalReader reader, EmbeddedPostgres server, WalSegment segment) {
        file(server, segment).withInputStream { reader.read(segment, it) } as Reading
    }

    private static WalSegment segment(Lsn lsn) {
        WalSegment.containing(lsn, 1, SIZE)
    }

    private static File file(EmbeddedPostgres server, WalSegment segment) {
        server.data.resolve("pg_wal/${segment.name()}").toFile()
    }

    private static Lsn lsn(EmbeddedPostgres server) {
        Lsn.parse(one(server, 'select pg_current_wal_insert_lsn()::text') as String)
    }

    private static Instant time(EmbeddedPostgres server, String sql) {
        run(server, sql)[0].toInstant()
    }

    /** A transaction of its own, and its xid. */
    private static long insert(EmbeddedPostgres server) {
        one(server, INSERT) as long
    }

    private static Object one(EmbeddedPostgres server, String sql) {
        run(server, sql)[0]
    }

    /** The first value that each statement returns, all in one session. */
    private static List<Object> run(EmbeddedPostgres server, String... statements) {
        DriverManager.getConnection("jdbc:postgresql://127.0.0.1:$server.port/postgres?user=postgres").withCloseable {
            def statement = it.createStatement()
            statements.collect {
                if (statement.execute(it) && statement.resultSet.next()) {
                    return statement.resultSet.getObject(1)
                }
                null
            }
        }
    }
}
