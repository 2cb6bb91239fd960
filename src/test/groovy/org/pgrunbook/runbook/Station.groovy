package org.pgrunbook.runbook

import org.pgrunbook.Problem
import org.pgrunbook.fixtures.Bench
import org.pgrunbook.fixtures.HeardRun
import org.pgrunbook.fixtures.SettableTime
import org.pgrunbook.postgres.Lock

import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.Semaphore

/** A machine of its own: a state folder, and a clock that moves only when somebody waits; the hearts of locks beat when they are told to. */
class Station extends Bench {
    Station(Path folder) {
        super(folder)
        time = new OwnTime()
    }

    /** Takes a lock as a run does. */
    Held hold(String purpose) {
        def lock = new Lock('demo', purpose)
        def run = new HeardRun('20260301-014500-' + purpose, time).run
        def mine = Holder.of(lock, run, 'test', engine.origin(), Machine.of(state))
        def file = LockFile.take(state, lock, mine)
        new Held(file: file, lease: open(lock).take(mine, new Vigil(time), false, run))
    }

    /** Leaves a lock behind as a run does that is killed. */
    void dies(String purpose) {
        def held = hold(purpose)
        held.lease.heart.interrupt()
        held.file.close()
    }

    /** Takes a lock whoever has it. */
    void steal(String purpose) {
        def lock = new Lock('demo', purpose)
        open(lock).withCloseable {
            def found = it.look()
            def mine = Holder.of(lock, new HeardRun('20260301-014600-thief', time).run, 'test', engine.origin(), Machine.of(state))
            assert it.object.write(mine.json(), found.content())
        }
    }

    List<HeldLock> held() {
        HeldLock.of(engine, 'demo', ['wal', 'backup', 'roles'])
    }

    private RepositoryLock open(Lock lock) {
        RepositoryLock.open(lock, inventory.repositories().main, time, secrets)
    }

    static class Held {
        LockFile file
        Lease lease

        void release() {
            lease.release()
            file.close()
        }
    }

    static class OwnTime extends SettableTime {
        Closure<?> whenSleeping = {}

        void pass(Duration duration) {
            super.sleep(duration)
        }

        @Override
        void sleep(Duration duration) {
            if (Thread.currentThread().name.startsWith('lock ')) {
                try {
                    new Semaphore(0).acquire()
                } catch (InterruptedException e) {
                    throw Problem.interrupted('interrupted').because(e)
                }
            }
            pass(duration)
            whenSleeping()
        }
    }
}
