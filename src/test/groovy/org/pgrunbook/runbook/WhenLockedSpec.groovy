package org.pgrunbook.runbook

import org.pgrunbook.Exit
import org.pgrunbook.fixtures.Bench
import org.pgrunbook.fixtures.HeardRun
import org.pgrunbook.fixtures.SettableTime
import org.pgrunbook.inventory.Inventory
import org.pgrunbook.postgres.Lock
import spock.lang.Specification
import spock.lang.TempDir

import java.nio.file.Path
import java.time.Duration

/** What a run does when another one holds its lock. */
class WhenLockedSpec extends Specification {
    static final LOCKED = "@Target Cluster c\nlock c.roles\nnote 'got it'"

    @TempDir Path folder

    @Delegate Bench bench

    def setup() {
        bench = new Bench(folder)
        bench.inventory = new Inventory([:], [demo: Bench.clusterSpec('demo', 2)], [], [], '')
        bench.time = new SettableTime()
    }

    def "by default it ends with 4 at once"() {
        expect:
        whileLocked { run(LOCKED, [:], 'demo') }.exit() == Exit.LOCKED
        bench.time.slept == Duration.ZERO
    }

    def "with --wait it waits, says for whom, and fails when the time is over"() {
        when:
        def result = whileLocked { run(LOCKED, 'demo') { it.whenLocked(new WhenLocked(Duration.ofSeconds(30), false, false)) } }

        then:
        result.exit() == Exit.LOCKED
        bench.time.slept >= Duration.ofSeconds(30)
        notes.count { it.startsWith('waiting: lock "demo.roles" is held by run ') } == 1
    }

    def "with --wait it goes on when the lock is given back"() {
        given: 'the holder ends while it is waited for'
        def outer = new SettableTime() {
            @Override
            synchronized void sleep(Duration duration) {
                super.sleep(duration)
                release()
            }
        }
        bench.time = outer

        when:
        def result
        def holder = hold()
        release = { holder.close() }
        result = run(LOCKED, 'demo') { it.whenLocked(new WhenLocked(Duration.ofSeconds(30), false, false)) }

        then:
        result.exit() == Exit.DONE
        notes.last() == 'got it'
    }

    def "with --skip it ends with 0 and says so, as long as it has changed nothing"() {
        when:
        def result = whileLocked { run(LOCKED, 'demo') { it.whenLocked(new WhenLocked(Duration.ZERO, true, false)) } }

        then:
        result.exit() == Exit.DONE
        notes[0].startsWith('skipped: lock "demo.roles" is held by run ')
        !notes.contains('got it')
    }

    private Closure release = {}

    private void release() {
        release.call()
    }

    private LockFile hold() {
        def lock = new Lock('demo', 'roles')
        LockFile.take(state, lock, Holder.of(lock, new HeardRun().run, 'test', Origin.of([], 'test'), 'here'))
    }

    private <T> T whileLocked(Closure<T> body) {
        def holder = hold()
        try {
            body()
        } finally {
            holder.close()
        }
    }
}
