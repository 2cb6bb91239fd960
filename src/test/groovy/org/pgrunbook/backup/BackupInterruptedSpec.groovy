package org.pgrunbook.backup

import org.pgrunbook.fixtures.DemoSandbox
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.util.concurrent.PollingConditions

/** Whatever ends a backup in its middle, or meets it, nothing wrong is left. */
class BackupInterruptedSpec extends Specification {
    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(17)
    final PollingConditions soon = new PollingConditions(timeout: 60, delay: 0.05)

    def setupSpec() {
        // Takes the highest level long enough to be met in its middle.
        demo.backup()
        demo.sh('pg1', 'mkdir data/ballast && for i in 1 2 3 4 5 6; do head -c 25000000 /dev/urandom > data/ballast/$i; done')
    }

    def "killed (-9), it leaves no backup, neither in the repository nor in progress, and the next one works"() {
        given:
        def before = committed()
        def run = slowBackup('killed')

        when:
        run.destroyForcibly().waitFor()

        then: "the host is left by all processes, and the server by the session"
        soon.eventually {
            assert demo.processes('tar') + demo.processes('zstd') == []
            assert inProgress() == 0
        }
        committed() == before

        and:
        demo.backup('-p', 'level=1')
    }

    def "interrupted (Ctrl-C), it stops cleanly with exit 130 and leaves nothing running on the host"() {
        given:
        def before = committed()
        def run = slowBackup('interrupted')

        when:
        new ProcessBuilder('kill', '-INT', run.pid().toString()).start().waitFor()

        then:
        run.waitFor() == 130
        demo.processes('tar') + demo.processes('zstd') == []

        and: "it says so, and what that leaves"
        demo.folder.resolve('interrupted').toFile().text.contains('error: interrupted')
        soon.eventually { assert inProgress() == 0 }
        committed() == before
    }

    def "P1: when its session is lost, it fails at once instead of copying on"() {
        given:
        def before = committed()
        def run = slowBackup('lost')

        when:
        demo.execute('pg1', "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'pgrunbook/%'")

        then:
        run.waitFor() == 1
        demo.folder.resolve('lost').toFile().text.contains('the session was lost')
        demo.processes('tar') + demo.processes('zstd') == []
        committed() == before
    }

    def "a second backup is told who holds the lock (exit 4); WAL is shipped meanwhile"() {
        given:
        def run = slowBackup('first')

        when:
        def second = demo.cli.run('run', 'backup/base-backup', 'demo')
        def ship = demo.cli.run('run', 'backup/ship-wal', 'demo', '-p', 'current=true')

        then:
        second.exit == 4
        second.err =~ /lock "demo.backup" is held by run \S+ of \S+ on \S+ \(process ${run.pid()}\) since/
        ship.exit == 0
        run.alive

        cleanup:
        run.destroyForcibly().waitFor()
    }

    /** A backup of which the copying has begun. */
    private Process slowBackup(String output) {
        def run = demo.start(output, ['-Xmx256m'], 'run', 'backup/base-backup', 'demo', '-p', 'level=19')
        soon.eventually {
            assert run.alive
            assert demo.processes('zstd').size() == 2
        }
        run
    }

    private int committed() {
        demo.backups().count { demo.repository().resolve("backups/$it/manifest.json").toFile().exists() }
    }

    private int inProgress() {
        // A backup is in progress as long as its session lives.
        demo.ask('pg1', "select count(*)::int from pg_stat_activity where application_name like 'pgrunbook/%'") as int
    }
}
