package org.pgrunbook.store

import java.lang.management.ManagementFactory
import java.nio.file.Files
import java.nio.file.Path
import java.security.MessageDigest
import java.util.concurrent.CyclicBarrier
import java.util.concurrent.Executors
import org.pgrunbook.Exit
import org.pgrunbook.Problem
import org.pgrunbook.Secrets
import org.pgrunbook.Time
import org.pgrunbook.journal.Entry
import org.pgrunbook.journal.Event
import org.pgrunbook.journal.Journal
import org.pgrunbook.journal.Listener
import org.pgrunbook.journal.Live
import org.pgrunbook.journal.Run
import spock.lang.Specification
import spock.lang.TempDir

/** What every store must do, whatever it keeps its objects in. */
abstract class StoreContract extends Specification {
    static final int PART = Upload.FIRST_PART

    @TempDir
    Path folder

    List<Entry> heard = [].asSynchronized()
    Run run = run()
    Store store

    /** A store with nothing in it. */
    abstract Store open()

    /** An object of the same store that several write. */
    abstract SharedObject shared(String key)

    /** Where the objects are as files. */
    abstract Path files()

    def setup() {
        store = open()
    }

    def cleanup() {
        store.close()
    }

    def "an object of #size bytes comes back as it was, with the SHA-256 that others would find"() {
        when:
        def stored = store.put('backups/1/data', random(size))

        then:
        stored == new Store.Stored('backups/1/data', size, sha256(random(size)))
        store.get('backups/1/data') { sha256(it) } == stored.sha256()
        store.find('backups/1/data').get().size() == size

        where:
        size << [0, 1, PART - 1, PART, PART + 1, 3 * PART + 7]
    }

    def "P24: the memory for an object does not grow with its size"() {
        expect:
        Math.abs(allocatedFor(120 << 20) - allocatedFor(50 << 20)) < PART
    }

    def "an object is replaced"() {
        given:
        store.put('lock', stream('old, and longer'))

        when:
        store.put('lock', stream('new'))

        then:
        store.get('lock') == 'new'.bytes
    }

    def "P25: a stream that breaks after #size bytes leaves nothing behind"() {
        when:
        store.put('backups/1/data', new SequenceInputStream(random(size), broken()))

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.FAILED
        problem.fact() == 'reading what to store as "backups/1/data" failed: the disk is gone'
        store.find('backups/1/data').empty
        store.list('').toList().empty
        leftovers().empty

        where:
        size << [0, 3 * PART]
    }

    def "P30: what is there already is never overwritten"() {
        given:
        store.put('wal/1', stream('old'))

        expect:
        store.putIfAbsent('wal/1', content.bytes).empty
        store.get('wal/1') == 'old'.bytes

        where:
        content << ['new', 'old']
    }

    def "P30: what is not there is stored, also when it has several parts"() {
        expect:
        store.putIfAbsent('wal/1', random(PART + 1)).get().sha256() == sha256(random(PART + 1))
        store.putIfAbsent('wal/1', random(PART + 1)).empty
        store.putIfAbsent('locks/roles', 'me'.bytes).get().size() == 2
    }

    def "a copy of #size bytes is what it is of, and stays when that is replaced or deleted"() {
        given:
        store.put('backups/1/data', random(size))
        store.put('backups/2/data', stream('of another'))

        when: "copied, and once more, as after a kill"
        2.times { store.copy('backups/1/data', 'backups/2/data', size) }
        store.put('backups/1/data', stream('new'))
        store.delete('backups/1/data')

        then:
        store.get('backups/2/data') { sha256(it) } == sha256(random(size))
        store.list('').map { it.key() }.toList() == ['backups/2/data']

        where:
        size << [0, PART + 1]
    }

    def "P26: a copy of what is not there, or has another size than it is known to have, fails"() {
        given:
        store.put('backups/1/data', stream('four'))

        when:
        store.copy(from, 'backups/2/data', 5)

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.FAILED
        problem.fact() == message

        where:
        from             || message
        'backups/1/none' || 'object "backups/1/none" does not exist'
        'backups/1/data' || '5 bytes were sent as "backups/2/data", but the store has 4'
    }

    def "P30: of those who store the same key at once exactly one does"() {
        given:
        def barrier = new CyclicBarrier(2)
        def others = open()

        when:
        def winners = (1..10).collect { round ->
            try (def threads = Executors.newVirtualThreadPerTaskExecutor()) {
                [store, others]
                    .collect { one -> threads.submit({ barrier.await(); one.putIfAbsent("locks/$round", "$one".bytes) } as java.util.concurrent.Callable) }
                    .count { it.get().present }
            }
        }

        then:
        winners == [1] * 10

        cleanup:
        others.close()
    }

    def "a listing has the keys of the prefix in the order of their bytes"() {
        given:
        ['b', 'a/b', 'a.b', 'a/c/d', 'a-b', 'ä', 'a/c0'].each { store.put(it, stream(it)) }

        expect:
        store.list('').map { it.key() }.toList() == ['a-b', 'a.b', 'a/b', 'a/c/d', 'a/c0', 'b', 'ä']
        store.list('a/').map { it.key() }.toList() == ['a/b', 'a/c/d', 'a/c0']
        store.list('a/c').map { it.key() }.toList() == ['a/c/d', 'a/c0']
        store.list('a/c/').map { it.size() }.toList() == [5L]
        store.list('none/').toList().empty
    }

    def "a listing has more objects than fit into one answer, and all can be deleted"() {
        given:
        def keys = (1..2_001).collect { String.format('wal/%08d', it) }
        Files.createDirectories(files().resolve('wal'))
        keys.each { Files.write(files().resolve(it), it.bytes) }

        expect:
        store.list('wal/').map { it.key() }.toList() == keys

        when:
        store.deleteAll(keys.tail())

        then:
        store.list('').map { it.key() }.toList() == [keys.first()]
        operations().count { it.startsWith('DELETE') } == 2
    }

    def "a key without an object is a failure when it is read, and none when it is deleted"() {
        when:
        store.delete('wal/1')

        then:
        store.find('wal/1').empty

        when:
        store.get('wal/1')

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.FAILED
        problem.fact() == 'object "wal/1" does not exist'
    }

    def "a deleted object is gone, and its neighbours are not"() {
        given:
        ['a/b', 'a/c'].each { store.put(it, stream(it)) }

        when:
        store.delete('a/b')

        then:
        store.list('').map { it.key() }.toList() == ['a/c']
    }

    def "the key \"#key\" is refused"() {
        when:
        store.put(key, stream('x'))

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.REFUSED
        operations().empty

        where:
        key << ['', '/a', 'a/', 'a//b', '../a', 'a/../../b', 'a/.', 'a\nb', 'a\u0000b', '.pgrunbook-1', 'x' * 901]
    }

    def "a shared object is written only in place of what was read"() {
        given:
        def first = shared('locks/roles.json')
        def second = shared('locks/roles.json')

        expect: 'nobody has written it'
        first.read().empty

        and: 'who says so is right once'
        first.write('one', Optional.empty())
        !second.write('two', Optional.empty())
        first.read().get().text() == 'one'

        when: 'it is written on and on'
        def old = second.read()
        assert first.write('three', first.read())
        assert first.write('four', first.read())

        then: 'what was read before counts no more, and changes nothing'
        !second.write('five', old)
        !second.write('six', Optional.empty())
        first.read().get().text() == 'four'
        operations().empty

        cleanup:
        [first, second]*.close()
    }

    def "every request is in the journal with its figures, and reading is over when its operation ends"() {
        when:
        store.put('a', stream('four'))
        store.get('a') { it.read() }
        store.putIfAbsent('a', 'five'.bytes)

        then:
        operations() == ['PUT a', 'GET a', 'PUT a if absent']
        ended()[0].result() == [bytes: 4L, sha256: sha256(stream('four'))]
        ended()[1].result().bytes == 1L
        ended()[2].result() == [stored: false]
        ended()*.operation()*.change() == [true, false, true]
    }

    def "what goes wrong while an object is read is told as it is"() {
        given:
        store.put('a', stream('four'))

        when:
        store.get('a') { throw new IOException('no space left on device') }

        then:
        def problem = thrown(Problem)
        problem.fact() == 'no space left on device'
    }

    def "P25: an interrupted upload leaves nothing behind"() {
        given:
        def endless = new InputStream() {
            int read() { 1 }

            int read(byte[] target, int offset, int length) {
                Thread.currentThread().interrupt()
                length
            }
        }
        def failure = null

        when:
        Thread.ofVirtual().start {
            try {
                store.put('a', endless)
            } catch (Problem e) {
                failure = e
            }
        }.join()

        then:
        failure.exit() == Exit.INTERRUPTED
        store.list('').toList().empty
        leftovers().empty
    }

    def "a store that is there can be probed"() {
        when:
        store.probe()

        then:
        operations() == ['PROBE']
    }

    /** What an upload could have left behind where no listing shows it. */
    abstract List<String> leftovers()

    Run run() {
        def time = new SleeplessTime()
        def secrets = new Secrets()
        def journal = new Journal(time, secrets, [{ heard << it } as Listener])
        new Run('20260301-014500-k3f9', journal, new Live(journal, time), time, secrets)
    }

    List<Event.OperationEnded> ended() {
        heard*.event().findAll { it instanceof Event.OperationEnded }
    }

    List<String> operations() {
        ended()*.operation()*.text()
    }

    long allocatedFor(int size) {
        def threads = ManagementFactory.threadMXBean as com.sun.management.ThreadMXBean
        def before = threads.currentThreadAllocatedBytes
        store.put('large', new Zeros(size))
        threads.currentThreadAllocatedBytes - before
    }

    /** Content of which every byte matters; the same each time. */
    static InputStream random(int size) {
        def content = new byte[size]
        new Random(size).nextBytes(content)
        new ByteArrayInputStream(content)
    }

    static InputStream stream(String text) {
        new ByteArrayInputStream(text.getBytes('UTF-8'))
    }

    static InputStream broken() {
        new InputStream() {
            int read() { throw new IOException('the disk is gone') }
        }
    }

    static String sha256(InputStream content) {
        def digest = MessageDigest.getInstance('SHA-256')
        content.eachByte(1 << 16) { block, count -> digest.update(block, 0, count) }
        HexFormat.of().formatHex(digest.digest())
    }

    private static class Zeros extends InputStream {
        int left

        Zeros(int size) { left = size }

        int read() { left-- > 0 ? 0 : -1 }

        int read(byte[] target, int offset, int length) {
            int count = Math.min(left, length)
            left -= count
            count == 0 && length > 0 ? -1 : count
        }
    }

    /** Waits for nothing. */
    static class SleeplessTime implements Time {
        @Delegate
        private final Time system = Time.system()

        void sleep(java.time.Duration duration) {}
    }
}
