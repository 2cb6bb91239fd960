package org.pgrunbook.sql

import java.time.Duration
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import org.pgrunbook.Exit
import org.pgrunbook.Problem
import org.pgrunbook.fixtures.EmbeddedPostgres
import spock.lang.AutoCleanup
import spock.lang.Specification
import spock.lang.Timeout
import spock.util.concurrent.PollingConditions

/** A server that takes connections and never answers, as behind a network that swallows packets. */
class SilentServerSpec extends Specification {
    @AutoCleanup EmbeddedPostgres server = EmbeddedPostgres.start(18)
    @AutoCleanup Sql known = server.sql()
    @AutoCleanup Sql asked = server.sql()
    @AutoCleanup Sql unknown = server.sql()
    @AutoCleanup Sql other = server.sql()
    @AutoCleanup('shutdownNow') def pool = Executors.newCachedThreadPool()

    final PollingConditions eventually = new PollingConditions(timeout: 30, delay: 0.05)

    def cleanup() {
        signal('CONT')
    }

    @Timeout(60)
    def "a login, a statement and an interrupt all come to an end, and say so"() {
        given:
        def statement = pool.submit(problem { known.timeout(Duration.ofSeconds(5)).value('select pg_sleep(61)') })
        Problem interrupted = null
        def waiting = Thread.start {
            interrupted = problem { asked.value('select pg_sleep(61)') }.call()
        }
        eventually.eventually { assert other.value("select count(*) from pg_stat_activity where query = 'select pg_sleep(61)'") == 2 }

        when:
        signal('STOP')
        waiting.interrupt()
        def atLogin = problem { unknown.value('select 1') }.call()
        def atStatement = statement.get()
        waiting.join()

        then:
        atLogin.exit() == Exit.UNREACHABLE
        atLogin.fact().endsWith('no answer')
        atStatement.exit() == Exit.FAILED
        atStatement.fact() == 'the server has not answered within 5.0 s'
        atStatement.hints() == ['Check the network, and whether the server hangs.']
        interrupted.exit() == Exit.INTERRUPTED
    }

    private static Callable<Problem> problem(Closure<?> work) {
        return {
            try {
                work()
                null
            } catch (Problem e) {
                e
            }
        }
    }

    /** To the server and all that it has begotten. */
    private void signal(String name) {
        def postmaster = ProcessHandle.of(server.data.resolve('postmaster.pid').toFile().readLines().first() as long).get()
        ([postmaster] + postmaster.children().toList()).each { "kill -$name ${it.pid()}".execute().waitFor() }
    }
}
