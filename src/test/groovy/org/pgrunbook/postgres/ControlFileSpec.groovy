package org.pgrunbook.postgres

import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.file.Files
import java.nio.file.Path
import java.util.zip.CRC32C
import org.pgrunbook.DataSize
import org.pgrunbook.Problem
import org.pgrunbook.fixtures.EmbeddedPostgres
import org.pgrunbook.sandbox.Binaries
import org.pgrunbook.sandbox.UnprivilegedUser
import spock.lang.Requires
import spock.lang.Shared
import spock.lang.Specification

class ControlFileSpec extends Specification {
    private static final Path PG_CONTROLDATA = Path.of('/usr/lib/postgresql/15/bin/pg_controldata')

    /** Everything that can differ from the default does. */
    private static final Map<String, String> SETTINGS = [
        wal_level: 'logical', wal_log_hints: 'on', max_connections: '33', max_worker_processes: '7',
        max_wal_senders: '6', max_prepared_transactions: '5', max_locks_per_transaction: '70',
        track_commit_timestamp: 'on',
    ]

    @Shared
    Map<Integer, EmbeddedPostgres> servers = [:]

    def setupSpec() {
        servers = Binaries.MAJORS.collectEntries {
            [it, EmbeddedPostgres.start(it, SETTINGS, ['--wal-segsize=4', '--data-checksums'])]
        }
    }

    def cleanupSpec() {
        servers.values()*.close()
    }

    def "PostgreSQL #major and we read the same"() {
        given:
        def sql = servers[major].sql()
        sql.execute('checkpoint')
        def control = control(major)
        def system = sql.row('select * from pg_control_system()')
        def checkpoint = sql.row('select * from pg_control_checkpoint()')
        def recovery = sql.row('select * from pg_control_recovery()')
        def initial = sql.row('select * from pg_control_init()')

        expect:
        control.systemIdentifier() == system.system_identifier
        control.controlVersion() == system.pg_control_version
        control.catalogVersion() == system.catalog_version_no
        control.modified() == system.pg_control_last_modified
        control.state() == ControlFile.State.IN_PRODUCTION

        and:
        with(control.checkpoint()) {
            lsn().toString() == checkpoint.checkpoint_lsn
            redo().toString() == checkpoint.redo_lsn
            timeline() == checkpoint.timeline_id
            previousTimeline() == checkpoint.prev_timeline_id
            time() == checkpoint.checkpoint_time
        }

        and:
        with(control.recovery()) {
            minimumEnd().toString() == recovery.min_recovery_end_lsn
            minimumEndTimeline() == recovery.min_recovery_end_timeline
            backupStart().toString() == recovery.backup_start_lsn
            backupEnd().toString() == recovery.backup_end_lsn
            backupEndRequired() == recovery.end_of_backup_record_required
        }

        and:
        with(control.initial()) {
            maxAlignment() == initial.max_data_alignment
            blockSize().bytes() == initial.database_block_size
            walBlockSize().bytes() == initial.wal_block_size
            walSegmentSize() == DataSize.parse('4MB')
            dataChecksumVersion() == initial.data_page_checksum_version
            dataChecksums()
            charSigned().orElse(null) == (major < 18 ? null : initial.default_char_signedness)
        }

        and:
        with(control.settings()) {
            walLevel() == ControlFile.WalLevel.LOGICAL
            walLogHints()
            maxConnections() == 33
            maxWorkerProcesses() == 7
            maxWalSenders() == 6
            maxPreparedTransactions() == 5
            maxLocksPerTransaction() == 70
            trackCommitTimestamp()
        }

        cleanup:
        sql.close()

        where:
        major << Binaries.MAJORS
    }

    def "a server of PostgreSQL #major that was shut down says so"() {
        given:
        servers[major].stop()

        expect:
        control(major).state() == ControlFile.State.SHUT_DOWN

        cleanup:
        servers[major].start()

        where:
        major << Binaries.MAJORS
    }

    def "the file of a machine with the other byte order is read too"() {
        given:
        // Every field that is read, turned around where it stands.
        def original = bytes(15)
        def here = ByteBuffer.wrap(original).order(ByteOrder.LITTLE_ENDIAN)
        def there = ByteBuffer.allocate(8192).put(here.duplicate()).order(ByteOrder.BIG_ENDIAN)
        [0, 24, 32, 40, 104, 136, 152, 160].each { there.putLong(it, here.getLong(it)) }
        [8, 12, 16, 48, 52, 144, 172, 180, 184, 188, 192, 196, 204, 216, 220, 224, 228, 252].each {
            there.putInt(it, here.getInt(it))
        }
        there.putInt(288, checksum(there.array(), 288))

        when:
        def turned = ControlFile.read(there.array())

        then:
        turned == ControlFile.read(original)
    }

    def "a file of PostgreSQL #major with any damaged byte is not believed"() {
        given:
        def damaged = bytes(major)
        damaged[offset] = (byte) (damaged[offset] ^ 1)

        when:
        ControlFile.read(damaged)

        then:
        def problem = thrown(Problem)
        problem.fact() == 'pg_control has a wrong checksum'

        where:
        [major, offset] << [Binaries.MAJORS, [0, 48, 260, 287]].combinations()
    }

    def "a version that is not known is said"() {
        given:
        def old = new byte[8192]
        ByteBuffer.wrap(old).order(ByteOrder.LITTLE_ENDIAN).putInt(8, 942)

        when:
        ControlFile.read(old)

        then:
        def problem = thrown(Problem)
        problem.fact() == 'pg_control has the unknown version 942'
        problem.hints() == ['PostgreSQL 15 to 18 are supported.']
    }

    def "a file that is too short is said"() {
        when:
        ControlFile.read(new byte[100])

        then:
        def problem = thrown(Problem)
        problem.fact() == 'pg_control has only 100 bytes'
    }

    @Requires({ PG_CONTROLDATA.toFile().exists() })
    def "pg_controldata reads the same"() {
        given:
        def control = control(15)
        def user = UnprivilegedUser.find()
        def tool = new ProcessBuilder(user.command(['env', 'LC_ALL=C', PG_CONTROLDATA.toString(), servers[15].data.toString()]))
            .start().text.readLines().collectEntries { it.split(/:\s*/, 2).toList() }

        expect:
        tool['Database system identifier'] == control.systemIdentifier() as String
        tool['Latest checkpoint location'] == control.checkpoint().lsn() as String
        tool["Latest checkpoint's REDO WAL file"] ==
            WalSegment.containing(control.checkpoint().redo(), 1, control.initial().walSegmentSize()).name()
        tool['wal_level setting'] == control.settings().walLevel().name().toLowerCase()
        tool['max_connections setting'] == '33'
        tool['Bytes per WAL segment'] == '4194304'
        tool['Mock authentication nonce'] == bytes(15).encodeHex().toString().substring(2 * control.nonceOffset(), 2 * 288)
    }

    private ControlFile control(int major) {
        ControlFile.read(bytes(major))
    }

    private byte[] bytes(int major) {
        Files.readAllBytes(servers[major].data.resolve('global/pg_control'))
    }

    private static int checksum(byte[] bytes, int length) {
        new CRC32C().tap { update(bytes, 0, length) }.value as int
    }
}
