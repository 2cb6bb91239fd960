package org.pgrunbook.store

import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import org.pgrunbook.Exit
import org.pgrunbook.Problem
import org.pgrunbook.fixtures.FaultyWire
import org.pgrunbook.inventory.RepositorySpec.S3
import org.pgrunbook.inventory.SecretReference
import org.pgrunbook.sandbox.S3Server
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.TempDir
import spock.lang.Timeout

class S3StoreSpec extends StoreContract {
    static final String SLOW_DOWN = '<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>'
    static final Patience SHORT = new Patience(Duration.ofSeconds(1), Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofSeconds(5), 2)

    @Shared
    @TempDir
    Path root

    @Shared
    @AutoCleanup
    S3Server server

    @Shared
    @AutoCleanup
    FaultyWire wire

    String bucket

    def setupSpec() {
        Files.createDirectories(root.resolve('buckets'))
        Files.writeString(root.resolve('access'), 'AKIDEXAMPLE')
        Files.writeString(root.resolve('secret'), 'wJalrXUtnFEMI')
        Files.writeString(root.resolve('wrong'), 'not-that-one')
        server = new S3Server(root.resolve('buckets'), 'AKIDEXAMPLE', 'wJalrXUtnFEMI', 0).start()
        wire = new FaultyWire(server.uri())
    }

    def setup() {
        wire.requests.clear()
        wire.forget()
    }

    Store open() {
        if (!bucket) {
            bucket = 'acme-' + UUID.randomUUID()
            Files.createDirectory(root.resolve('buckets').resolve(bucket))
        }
        to([:])
    }

    /** A store that differs from the usual one in what is given. */
    Store to(Map given) {
        new JournalledStore('main', run, bucket(given))
    }

    SharedObject shared(String key) {
        new SharedObject(bucket(patience: Patience.BRIEF), key)
    }

    private Bucket bucket(Map given) {
        def secret = { new SecretReference(SecretReference.Kind.FILE, root.resolve(it as String).toString(), 'inventory.yml:3:5') }
        def place = new S3(given.bucket ?: bucket, 'prod', Optional.empty(), Optional.of((given.endpoint ?: wire.uri()) as String), true,
            Optional.empty(), Optional.of(secret(given.access ?: 'access')), Optional.of(secret(given.secret ?: 'secret')))
        new Bucket(place, run.time(), run.secrets(), given.patience ?: Patience.USUAL)
    }

    Path files() {
        Files.createDirectories(root.resolve('buckets').resolve(bucket).resolve('prod'))
    }

    List<String> leftovers() {
        def place = new S3(bucket, '', Optional.empty(), Optional.of(server.uri().toString()), true, Optional.empty(),
            Optional.of(new SecretReference(SecretReference.Kind.FILE, root.resolve('access').toString(), '')),
            Optional.of(new SecretReference(SecretReference.Kind.FILE, root.resolve('secret').toString(), '')))
        try (def connection = new Connection(place, run.secrets(), Patience.USUAL)) {
            connection.get().listMultipartUploads { it.bucket(bucket) }.uploads()*.key()
        }
    }

    def "#what: told as what to look at, and exit 5"() {
        given:
        def other = to(given)

        when:
        other.probe()

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.UNREACHABLE
        problem.fact().replace(bucket, 'BUCKET').replaceAll(/127.0.0.1:\d+/, 'HOST') == fact
        problem.hints().size() == 1
        problem.hints()[0].startsWith(hint)
        !problem.fact().contains('not-that-one')
        heard*.toString().every { !it.contains('not-that-one') && !it.contains('wJalrXUtnFEMI') }

        cleanup:
        other.close()

        where:
        what                 | given                                  || fact                                                                                       | hint
        'wrong access key'   | [access: 'wrong']                      || 'bucket "BUCKET" at http://HOST does not know the access key'                              | 'Look at accessKey: and secretKey:'
        'wrong secret key'   | [secret: 'wrong']                      || 'bucket "BUCKET" at http://HOST says that the secret key does not go with the access key'  | 'Look at accessKey: and secretKey:'
        'missing bucket'     | [bucket: 'nowhere']                    || 'bucket "nowhere" at http://HOST does not exist'                                           | 'Create it, or correct bucket:'
        'nothing listening'  | [endpoint: 'http://127.0.0.1:1']       || 'bucket "BUCKET" at http://HOST does not accept connections'                               | 'Look at endpoint:'
        'unknown host'       | [endpoint: 'http://s3.invalid']        || 'bucket "BUCKET" at http://s3.invalid has an unknown host name'                            | 'Look at endpoint:'
    }

    def "a store that accepts and never answers is given up in time"() {
        given:
        def hole = new ServerSocket(0, 50, InetAddress.loopbackAddress)
        def silent = to(endpoint: "http://127.0.0.1:$hole.localPort", patience: SHORT)

        when:
        silent.probe()

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.UNREACHABLE
        problem.fact().endsWith('does not answer in time')

        cleanup:
        silent.close()
        hole.close()
    }

    def "a server without TLS is told from one that is not there"() {
        given:
        def plain = to(endpoint: "https://127.0.0.1:${server.uri().port}")

        when:
        plain.probe()

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.UNREACHABLE
        problem.fact().endsWith('has no TLS connection that can be trusted')

        cleanup:
        plain.close()
    }

    def "P26: a store that asks to slow down is asked again (#request)"() {
        given:
        wire.answer(request, 2, '503 Slow Down', SLOW_DOWN)

        when:
        def stored = store.put('data', random(2 * PART))

        then:
        wire.requests.count { it =~ request } == 3
        store.get('data') { sha256(it) } == stored.sha256()

        where:
        request << [/PUT .*partNumber=2/, /POST .*uploads/, /POST .*uploadId/]
    }

    def "P26: a part whose connection breaks is sent again, and only that part"() {
        given:
        wire.cutRequest(/PUT .*partNumber=2/, 2, 1_000_000)

        when:
        def stored = store.put('data', random(3 * PART))

        then:
        stored.sha256() == sha256(random(3 * PART))
        store.get('data') { sha256(it) } == stored.sha256()
        wire.requests.count { it =~ /partNumber=1/ } == 1
        wire.requests.count { it =~ /partNumber=2/ } == 3
    }

    def "P25: a part that fails for good leaves nothing behind"() {
        given:
        def impatient = to(patience: SHORT)
        wire.answer(/PUT .*partNumber=2/, 2, '500 Internal Server Error', '<Error><Code>InternalError</Code></Error>')

        when:
        impatient.put('data', random(3 * PART))

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.FAILED
        problem.fact().endsWith('is overloaded or out of order: 500 InternalError')
        store.list('').toList().empty
        leftovers().empty

        cleanup:
        impatient.close()
    }

    def "P26: a part that hangs is given up in time, and leaves nothing behind"() {
        given:
        def impatient = to(patience: SHORT)
        wire.stall(/PUT .*partNumber=2/)

        when:
        impatient.put('data', random(3 * PART))

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.UNREACHABLE
        problem.fact().endsWith('does not answer in time')
        store.list('').toList().empty
        leftovers().empty

        cleanup:
        impatient.close()
    }

    def "P26: a copy that is answered with 200 and an error has failed"() {
        given:
        store.put('data', stream('four'))
        wire.answer(/PUT .*copy/, 10, '200 OK', '<Error><Code>AccessDenied</Code><Message>no</Message></Error>')

        when:
        store.copy('data', 'copy', 4)

        then:
        def problem = thrown(Problem)
        problem.exit() in [Exit.FAILED, Exit.UNREACHABLE]
        problem.fact().contains('AccessDenied')
        store.find('copy').empty
    }

    def "P26: an upload that was completed with 200 and an error in the answer has failed"() {
        given:
        wire.answer(/POST .*uploadId/, 10, '200 OK', '<Error><Code>AccessDenied</Code><Message>no</Message></Error>')

        when:
        store.put('data', random(PART))

        then:
        def problem = thrown(Problem)
        problem.exit() in [Exit.FAILED, Exit.UNREACHABLE]
        problem.fact().contains('AccessDenied')
        leftovers().empty
    }

    def "P26: an upload whose answer was lost is known as ours (#size bytes)"() {
        given:
        wire.answerAfterwards(request, '503 Service Unavailable')

        expect:
        store.putIfAbsent('data', random(size)).present

        where:
        size || request
        10   || /PUT .*data/
        PART || /POST .*uploadId/
    }

    def "P30: of two conditional writes at once the one that is told to try again does"() {
        given:
        wire.answer(/PUT .*locks/, 1, '409 Conflict', '<Error><Code>ConditionalRequestConflict</Code></Error>')

        expect:
        store.putIfAbsent('locks/roles', 'me'.bytes).present
        wire.requests.count { it =~ /PUT .*locks/ } == 2
    }

    def "P26: a store that says yes and has nothing is found out"() {
        given:
        wire.answer(/PUT .*data/, '200 OK')

        when:
        store.put('data', stream('four'))

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.FAILED
        problem.fact() == '4 bytes were sent as "data", but the store has no such object'
    }

    def "P26: a download that breaks is continued where it broke"() {
        given:
        def stored = store.put('data', random(3 * PART))
        wire.cutAnswer(/GET .*data/, 2, 5_000_000)

        expect:
        store.get('data') { sha256(it) } == stored.sha256()
        wire.requests.count { it =~ /GET .*data/ } == 3
    }

    def "P26: a download that falls silent is continued where it stopped"() {
        given:
        def impatient = to(patience: SHORT)
        def stored = store.put('data', random(3 * PART))
        wire.stallAnswer(/GET .*data/, 2, 5_000_000)

        expect:
        impatient.get('data') { sha256(it) } == stored.sha256()
        wire.requests.count { it =~ /GET .*data/ } == 3

        cleanup:
        impatient.close()
    }

    @Timeout(60)
    def "P26: a store that sends half an object and then nothing, again and again, is given up, and the error says so"() {
        given:
        def impatient = to(patience: SHORT)
        store.put('data', random(PART))
        wire.stallAnswer(/GET .*data/, 100_000)

        when:
        impatient.get('data')

        then: 'after three times in which nothing came, whatever came between them'
        def problem = thrown(Problem)
        problem.exit() == Exit.UNREACHABLE
        problem.fact().endsWith('does not answer in time')
        problem.state().get() =~ /^[12]\d{5} of $PART bytes of "prod\/data" were read$/
        wire.requests.count { it =~ /GET .*data/ } == 3

        cleanup:
        impatient.close()
    }

    @Timeout(60)
    def "P26: a store that is silent when it is asked to go on is given up too"() {
        given:
        def impatient = to(patience: SHORT)
        store.put('data', random(PART))
        wire.stallAnswer(/GET .*data/, 1, 100_000)
        wire.stall(/GET .*data/)

        when:
        impatient.get('data')

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.UNREACHABLE
        problem.fact().endsWith('does not answer in time')
        problem.state().get().endsWith("of $PART bytes of \"prod/data\" were read")

        cleanup:
        impatient.close()
    }

    def "a download that breaks again and again fails and is never short"() {
        given:
        store.put('data', random(PART))
        wire.cutAnswer(/GET .*data/, 1, 1_000_000)
        wire.cutAnswer(/GET .*data/, 40, 0)

        when:
        store.get('data')

        then:
        def problem = thrown(Problem)
        problem.fact().endsWith('breaks off its connections')
        problem.state().get().endsWith("of $PART bytes of \"prod/data\" were read")
    }

    def "an object that is replaced while it is read is never mixed with its successor"() {
        given:
        store.put('data', random(PART))
        wire.cutAnswer(/GET .*data/, 1, 1_000_000)

        when:
        store.get('data') {
            it.read()
            store.put('data', stream('new'))
            it.readAllBytes()
        }

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.FAILED
        problem.fact() == 'object "prod/data" was replaced while it was read'
    }

    def "deletions that the store refuses are told, though it answers 200"() {
        given:
        wire.answer(/POST .*delete/, 1, '200 OK',
            '<DeleteResult><Error><Key>prod/b</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>')

        when:
        store.deleteAll(['a', 'b'])

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.FAILED
        problem.fact() == '1 of 2 objects could not be deleted, such as "b": AccessDenied'
    }

    def "P26: a shared object whose writing was answered by an error is known as written by us (#what)"() {
        given:
        def shared = shared('locks/roles.json')
        before(shared)
        def read = shared.read()
        wire.answerAfterwards(/PUT .*roles/, '503 Service Unavailable')

        expect:
        shared.write('ours', read)
        shared.read().get().text() == 'ours'

        cleanup:
        shared.close()

        where:
        what              | before
        'the first'       | {}
        'one of a series' | { it.write('before', Optional.empty()) }
    }

    def "P26: who hangs up instead of hearing a shared object's text out has refused it, if another is there"() {
        given:
        def shared = shared('locks/roles.json')
        shared.write('theirs', Optional.empty())
        wire.cutRequest(/PUT .*roles/, 40, 1)

        expect:
        !shared.write('ours', Optional.empty())
        shared.read().get().text() == 'theirs'

        when: 'nothing but the one that it would replace is there'
        shared.write('ours', shared.read())

        then:
        thrown(Problem)

        cleanup:
        shared.close()
    }

    def "P30: who hangs up instead of hearing an object out has refused it, if there is one already"() {
        given:
        store.put('wal/1', stream('theirs'))
        wire.cutRequest(/PUT .*wal/, 40, 1)

        expect:
        store.putIfAbsent('wal/1', 'ours'.bytes).empty
        store.get('wal/1') == 'theirs'.bytes

        when: 'there is none'
        store.putIfAbsent('wal/2', 'ours'.bytes)

        then:
        thrown(Problem)
    }

    def "P24: the parts of the longest object are at most 10,000, and it has 492 GiB"() {
        expect:
        (1..10_000).sum { Upload.partSize(it) as long } == 504_000L << 20
        (504_000L << 20) >> 30 == 492
    }

    def "P27: a bucket with dots is addressed by path also where the inventory does not say so"() {
        given:
        def dotted = "acme.${UUID.randomUUID()}"
        def place = new S3(dotted as String, '', Optional.empty(), Optional.of(server.uri().toString()), false, Optional.empty(),
            Optional.of(new SecretReference(SecretReference.Kind.FILE, root.resolve('access').toString(), '')),
            Optional.of(new SecretReference(SecretReference.Kind.FILE, root.resolve('secret').toString(), '')))
        Files.createDirectory(root.resolve('buckets').resolve(dotted as String))

        when:
        new JournalledStore('main', run, new Bucket(place, run.time(), run.secrets(), Patience.USUAL)).withCloseable { it.probe() }

        then:
        noExceptionThrown()
    }
}
