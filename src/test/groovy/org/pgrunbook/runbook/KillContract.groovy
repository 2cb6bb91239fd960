package org.pgrunbook.runbook

import org.opentest4j.TestAbortedException
import org.pgrunbook.fixtures.Cli
import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.fixtures.Footprint
import org.pgrunbook.fixtures.KilledRun
import org.pgrunbook.fixtures.Stage
import org.pgrunbook.journal.Json
import org.spockframework.runtime.SpockTimeoutError
import spock.lang.Shared
import spock.lang.Specification
import spock.util.concurrent.PollingConditions

import java.nio.file.Path

/**
 * What holds of a run that is killed with -9: what goes on with it comes to the same as a run that was not killed; what takes
 * it back, to what there was before; or either says that somebody has to look, and where.
 *
 * By default that is done at the most dangerous changes. With -Dpgrunbook.killEverywhere=true it is done at each change of
 * each runbook, before it was made, while it is, when its outcome came but was not written down, and after; of changes that differ in
 * numbers only, at the first and the last. -Dpgrunbook.kill=PATTERN takes only the situations whose names it matches,
 * -Dpgrunbook.killMoments=unheard only that moment, -Dpgrunbook.killFrom=7 only changes from the eighth on,
 * -Dpgrunbook.killMajor=15 another version, and target/kills.log says how each went.
 */
abstract class KillContract extends Specification {
    static final EVERYWHERE = Boolean.getBoolean('pgrunbook.killEverywhere')
    static final MAJOR = Integer.getInteger('pgrunbook.killMajor', 18)
    static final FROM = Integer.getInteger('pgrunbook.killFrom', 0)
    static final ONLY = System.getProperty('pgrunbook.kill', '.')
    static final AGREE = ['demo', 'demo/pg1', 'demo/pg2', 'demo/pg3', 'demo/pg4'].collect { "--confirm=$it".toString() }
    /** In this order, as what was taken back is there for the next try. */
    static final WAYS = ['undo', 'resume']
    static final MOMENTS = System.getProperty('pgrunbook.killMoments', 'unheard,before,amid,after').split(',') as List

    @Shared DemoSandbox demo
    @Shared Map<String, Stage> stages = [:]
    @Shared List<String> failures = []
    @Shared private KilledRun next

    def setupSpec() {
        demo = DemoSandbox.up(MAJOR)
        demo.execute('pg1', 'create table t as select generate_series(1, 1000) as id')
        demo.backup()
        demo.execute('pg1', 'insert into t values (1001)')
        demo.ship()
        if (EVERYWHERE) {
            demo.backup()
            demo.ship()
        }
        demo.home('pg4').resolve('data/left over').toFile().text = 'mine'
        demo.sh('pg1', 'mkdir data/log')
        def inventory = demo.sandbox.inventory().toFile()
        inventory.text = inventory.text.replaceFirst(/(?m)^    thresholds: .*$/,
            '    thresholds: { idleInTransaction: 1s, lockWait: 1s, query: 1s, slotRetained: 16MB, lag: 16MB, archiveWaiting: 1min, prepared: 1s, idle: 1s, walSize: 144MB, xidAge: 20000, deadRows: 1000, tempSize: 1MB, disk: 99, diskCritical: 100 }')
        stages.start = Stage.keep(demo, 'start')
    }

    def setup() {
        failures.clear()
    }

    def cleanupSpec() {
        next?.discard()
        demo?.close()
    }

    protected static void onlyIfWanted(String situation) {
        if (!(situation =~ ONLY)) {
            throw new TestAbortedException('another portion')
        }
    }

    /** A process that is about to be killed, started in advance where many are. */
    protected KilledRun doomed() {
        def now = next ?: new KilledRun(demo)
        next = EVERYWHERE ? new KilledRun(demo) : null
        now
    }

    /** Does something, and writes down how that went. */
    protected void attempt(String what, Change change, Closure<String> doing) {
        long start = System.nanoTime()
        def verdict
        try {
            verdict = doing()
        } catch (Throwable e) {
            // How many batches of WAL there are to ship, for one, differs from run to run.
            verdict = e.message =~ /not killed: .*exit=DONE/ ? 'it had less to change this time' : "FAILED: $e"
        }
        def line = "${(System.nanoTime() - start).intdiv(1_000_000_000)} s $what: ${verdict.readLines().first()}   [$change]"
        log(line)
        if (verdict.startsWith('FAILED')) {
            failures << "$line\n$verdict".toString()
            log(verdict)
        }
    }

    /** Whether what was said and what there is now fit. */
    protected String judge(String way, Cli.Result said, Map wanted, List<String> stays = [], boolean nothing = false) {
        if (said.exit == 6) {
            return said.err.contains('\nHINT: ') && said.err.contains('\nstate: ') ? "6: ${said.err.readLines().first()}" : "FAILED: 6 without a hint or a state\n$said"
        }
        if (said.exit != 0) {
            return "FAILED: exit $said.exit\n$said"
        }
        if (way == 'undo' && said.out.contains('nothing is left that could be undone') && !said.out.contains('to be done in any case') && !nothing) {
            def told = said.out.readLines().findAll { it.contains('stays changed: ') }
            return told ? "says what stays: ${told.size()}" : "FAILED: says nothing of what stays\n$said"
        }
        def differ = differing(wanted, stays)
        differ == [:] ? 'as it should be' : "FAILED: differs: $differ\n$said"
    }

    /** What is not as it should be, once there was time for what the servers do by themselves. */
    protected Map<String, List> differing(Map wanted, List<String> stays = [], int seconds = 20) {
        Map<String, List> differ = [:]
        def look = { differ = Footprint.differences(wanted, Footprint.lasting(demo)).findAll { line, _ -> !stays.any { line =~ it } } }
        try {
            new PollingConditions(timeout: seconds, delay: 0.1).eventually { assert look() == [:] }
        } catch (SpockTimeoutError ignored) {
            // what differs to the end is the answer
        }
        differ
    }

    /** What there is once nothing moves any more. */
    protected Map<String, Object> settled() {
        Map<String, Object> now = [:]
        def moves = { now != (now = Footprint.lasting(demo)) }
        new PollingConditions(timeout: 60, delay: 0.5).eventually { assert !moves() }
        now
    }

    /** The journal of the newest run of a runbook. */
    protected File journal(String runbook) {
        demo.folder.resolve('state/runs').toFile().listFiles().sort { it.name }.reverse().find {
            Json.object(it.readLines().first()).runbook == runbook
        }
    }

    /** The changes of the newest run of a runbook, in the order in which it made them. */
    protected List<Change> changes(String runbook) {
        journal(runbook).readLines().collect { Json.object(it) }.findAll { it.event == 'operation-started' && it.operation.change }
            .collect { new Change(it.in as String ?: '', "$it.operation.node: $it.operation.text") }
    }

    /** The changes worth a try: of those that differ in numbers only, such as the files of one copy, the first and the last. */
    protected static List<Integer> worthwhile(List<Change> made) {
        def kinds = made*.kind
        made.indices.findAll { it >= FROM && (kinds.indexOf(kinds[it]) == it || kinds.lastIndexOf(kinds[it]) == it) }
    }

    /** A change that a run has made. */
    static class Change {
        /** In which step, and what. */
        final String step, text

        Change(String step, String text) {
            this.step = step
            this.text = text
        }

        String getKind() {
            "$step: $text".replaceAll(/\b\p{XDigit}*\d\p{XDigit}*\b/, 'N')
        }

        @Override
        String toString() { text.readLines().first().take(100) }
    }

    protected static void log(String line) {
        Path.of(System.getProperty('pgrunbook.home'), 'target/kills.log').toFile() << "$line\n"
    }
}
