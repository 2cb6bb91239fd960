package org.pgrunbook.store

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions
import java.util.concurrent.CyclicBarrier
import java.util.concurrent.Executors
import java.util.concurrent.Future
import org.pgrunbook.Exit
import org.pgrunbook.Problem
import org.pgrunbook.inventory.RepositorySpec

class DirectoryStoreSpec extends StoreContract {

    Store open(Path path = folder) {
        Store.open(new RepositorySpec('main', new RepositorySpec.Directory(path), Optional.empty(), Optional.empty(), 'zstd'), run)
    }

    SharedObject shared(String key) {
        new SharedObject(new Folder(folder), key)
    }

    Path files() {
        folder
    }

    List<String> leftovers() {
        try (def all = Files.walk(folder)) {
            all.filter(Files::isRegularFile).map(Path::toString).toList()
        }
    }

    def "only the owner can read what is stored"() {
        when:
        store.put('a/b', stream('x'))

        then:
        mode('a') == 'rwx------'
        mode('a/b') == 'rw-------'
    }

    def "an unfinished file that a crash left behind is never listed"() {
        given:
        Files.createDirectory(folder.resolve('wal'))
        Files.writeString(folder.resolve('wal/.pgrunbook-6f1c'), 'half')

        expect:
        store.list('').toList().empty
    }

    def "folders that have become empty go with the last object in them"() {
        given:
        store.put('backups/1/data/0001', stream('x'))
        store.put('backups/2', stream('x'))

        when:
        store.delete('backups/1/data/0001')

        then:
        !Files.exists(folder.resolve('backups/1'))
        Files.exists(folder.resolve('backups/2'))
    }

    def "a directory that is missing is never created: a mount is probably missing (#request)"() {
        given:
        def missing = open(folder.resolve('mnt'))

        when:
        act(missing)

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.UNREACHABLE
        problem.fact() == "directory \"$folder/mnt\" does not exist"
        problem.hints() == ['Mount or create it, or correct directory: of the repository in the inventory.']
        !Files.exists(folder.resolve('mnt'))

        where:
        request  | act
        'probe'  | { it.probe() }
        'put'    | { it.put('a/b', stream('x')) }
        'get'    | { it.get('a/b') }
        'find'   | { it.find('a/b') }
        'list'   | { it.list('a').toList() }
        'delete' | { it.delete('a') }
    }

    // Not of S3: the server of the tests compares and writes in two acts.
    def "of many who write a shared object at once one writes, each time"() {
        given:
        def writers = (1..4).collect { shared('locks/roles.json') }
        assert writers[0].write('0', Optional.empty())

        expect:
        (1..10).every { round ->
            def read = writers*.read()
            def start = new CyclicBarrier(writers.size())
            def written = Executors.newVirtualThreadPerTaskExecutor().withCloseable { threads ->
                writers.withIndex().collect { writer, number ->
                    threads.submit { start.await(); writer.write("$round.$number", read[number]) } as Future<Boolean>
                }*.get()
            }
            assert written.count(true) == 1
            assert writers[0].read().get().text() == "$round.${written.indexOf(true)}"
            true
        }

        cleanup:
        writers*.close()
    }

    def "of a shared object the last writing alone is left"() {
        given:
        def shared = shared('locks/roles.json')

        when:
        (1..20).each { assert shared.write("$it", shared.read()) }

        then:
        folder.resolve('locks').toFile().list().toList() == ['roles.json.000000000020']
    }

    private String mode(String key) {
        PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(key)))
    }
}
