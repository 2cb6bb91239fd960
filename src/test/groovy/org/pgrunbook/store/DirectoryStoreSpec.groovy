package org.pgrunbook.store

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions
import org.pgrunbook.Exit
import org.pgrunbook.Problem
import org.pgrunbook.inventory.RepositorySpec

class DirectoryStoreSpec extends StoreContract {

    Store open(Path path = folder) {
        Store.open(new RepositorySpec('main', new RepositorySpec.Directory(path), Optional.empty(), Optional.empty(), 'zstd'), run)
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

    private String mode(String key) {
        PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(key)))
    }
}
