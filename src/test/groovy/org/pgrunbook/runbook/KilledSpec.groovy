package org.pgrunbook.runbook

import org.pgrunbook.Exit
import org.pgrunbook.fixtures.Cli
import org.pgrunbook.fixtures.Footprint
import org.pgrunbook.fixtures.InterruptedRun
import org.pgrunbook.fixtures.Stage
import org.pgrunbook.journal.Json
import org.pgrunbook.journal.State
import spock.lang.Requires
import spock.lang.Shared

import java.nio.file.Files
import java.nio.file.Path
import java.time.Instant

import static org.pgrunbook.runbook.Situation.ALIASES
import static org.pgrunbook.runbook.Situation.ENDED_BY_HAND
import static org.pgrunbook.runbook.Situation.INCIDENTS
import static org.pgrunbook.runbook.Situation.SITUATIONS
import static org.pgrunbook.runbook.Situation.STAGES

/** Every shipped runbook but the playbooks and drills, killed at its changes; see {@link KillContract}. */
class KilledSpec extends KillContract {
    /** The change, by its text, at which a runbook is killed by default, when, and whether it then goes on or is taken back. */
    static final SAMPLE = [
        ['replication/switchover', /standby\.signal/, 'unheard', 'undo'],
        ['replication/switchover', /pg_promote/, 'before', 'undo'],
        ['replication/switchover', /pg_promote/, 'unheard', 'resume'],
        ['replication/failover', /pg_promote/, 'unheard', 'resume'],
        ['replication/rejoin, by clone', /: mv /, 'unheard', 'resume'],
        ['restore/point-in-time', /: mv /, 'unheard', 'resume']]

    @Shared Map<String, Map> runs = [:]
    @Shared Situation latest
    /** That which an undo has just brought back, so that it need not be made anew. */
    @Shared Situation broughtBack

    def "every shipped runbook that changes something is here"() {
        given:
        def compiler = new Compiler(CompiledCache.of(new State(demo.folder.resolve('state'))))
        def changing = Library.of(demo.folder, Path.of(System.getProperty('pgrunbook.home'))).all().findAll { name, source ->
            compiler.outline(source).items().any { it.changes() } || DryRunSpec.RUNS[name][1] != 'nothing would be changed'
        }.keySet()

        expect:
        changing == (SITUATIONS*.runbook + INCIDENTS.keySet().collectMany { ["incident/$it".toString(), "drill/$it".toString()] } + ALIASES.keySet() + ENDED_BY_HAND).toSet()
        ALIASES.every { alias, name -> text(alias) == text("incident/$name") }
    }

    @Requires({ KillContract.EVERYWHERE })
    def "#situation, killed at each change, goes on to the same end, or is taken back"() {
        given:
        onlyIfWanted(situation.name)
        MOMENTS.each { moment ->
            // Behind the point of no return an undo has nothing to do, wherever it was killed there.
            boolean closed = false
            worthwhile(uninterrupted(situation).changes).each { number ->
                if (!closed) {
                    closed = kill(situation, number, moment, 'undo')?.contains('it went past the point of no return')
                }
                kill(situation, number, moment, 'resume')
            }
        }

        expect:
        failures == []

        where:
        situation << SITUATIONS.findAll { it.major in [null, MAJOR] }
    }

    @Requires({ !KillContract.EVERYWHERE })
    def "#name, killed at /#change/ (#moment): #way"() {
        given:
        def situation = SITUATIONS.find { it.name == name }
        int number = uninterrupted(situation).changes*.text.findIndexOf { it =~ change }
        kill(situation, number, moment, way)

        expect:
        failures == []

        where:
        [name, change, moment, way] << SAMPLE
    }

    @Requires({ KillContract.EVERYWHERE })
    def "#situation, interrupted at each change as by Ctrl-C, takes back what it did, or says what state that leaves; and can go on"() {
        given:
        onlyIfWanted("interrupt $situation.name")
        worthwhile(uninterrupted(situation).changes).each { number -> ['before', 'after'].each { interrupt(situation, number, it) } }

        expect:
        failures == []

        where:
        situation << SITUATIONS.findAll { it.runbook in ['replication/switchover', 'replication/failover'] }
    }

    def "killed at any event, even while it is written down, a run has a journal that can be read, and is shown as interrupted"() {
        given: 'all that a switchover has told, by a process that is gone'
        uninterrupted(SITUATIONS.first())
        def gone = new ProcessBuilder('true').start()
        gone.waitFor()
        def told = journal('replication/switchover').text.replaceAll(/"pid":\d+/, "\"pid\":${gone.pid()}").readLines()
        def state = Files.createDirectories(demo.folder.resolve('cut/runs'))
        def cli = new Cli(demo.folder.resolve('cut'), demo.sandbox.inventory())
        def id = Json.object(told.first()).run

        expect:
        told.size() > 100
        (1..<told.size()).every { events ->
            def whole = told.take(events).join('\n') + '\n'
            def torn = whole + told[events].take(told[events].size().intdiv(2))
            state.resolve("${id}.jsonl").toFile().text = torn
            def report = cli.run('report', id)
            assert report.exit == 0 && report.out.contains('interrupted'): "$events: $report"
            [whole, torn].every { text ->
                state.resolve("${id}.jsonl").toFile().text = text
                def runs = cli.run('runs')
                def log = cli.run('log', id)
                assert runs.exit == 0 && runs.out.contains('interrupted'): "$events: $runs"
                assert log.exit == 0 && log.out.contains('replication/switchover'): "$events: $log"
                true
            }
        }
    }

    /** What there is before and after, and what it changes, if nobody kills it. */
    private Map uninterrupted(Situation situation) {
        if (!runs.containsKey(situation.name)) {
            begin(situation)
            def before = Footprint.lasting(demo)
            def run = demo.cli.run('run', situation.runbook, situation.target, *parameters(situation).collectMany { ['-p', it] }, *AGREE)
            assert run.exit == 0: run
            runs[situation.name] = [before: before, after: settled(), changes: changes(situation.runbook)]
        }
        runs[situation.name]
    }

    private void begin(Situation situation) {
        if (broughtBack == situation) {
            broughtBack = null
            return
        }
        if (latest == situation) {
            stage(situation.stage).restore(situation.touches, situation.store)
        } else {
            stage(situation.stage).restore()
        }
        latest = situation.touches == Situation.EVERYTHING ? null : situation
        situation.begin.call(demo)
    }

    /** The sandbox as it is when a situation begins. */
    private Stage stage(String name) {
        if (!stages.containsKey(name)) {
            stages.start.restore()
            STAGES[name].call(demo)
            stages[name] = Stage.keep(demo, name.replace(' ', '-'))
        }
        stages[name]
    }

    /** What was said by whoever went on with it, or took it back. */
    private String kill(Situation situation, int number, String moment, String way) {
        def whole = uninterrupted(situation)
        def said = null
        attempt("$situation $number/${whole.changes.size()} $moment $way", whole.changes[number]) {
            begin(situation)
            def id = doomed().at(number, moment, situation.runbook, situation.target, parameters(situation))
            said = demo.cli.run(way, id, *AGREE)
            def verdict = way == 'resume' ? judge(way, said, whole.after, situation.leaves) : judge(way, said, whole.before, situation.stays, number == 0 && moment == 'before')
            broughtBack = EVERYWHERE && way == 'undo' && verdict == 'as it should be' && !situation.stays ? situation : null
            way == 'resume' && said.exit == 0 && !situation.also.call(demo) ? "FAILED: it lacks what else is so at its end\n$said" : verdict
        }
        said?.out
    }

    private void interrupt(Situation situation, int number, String moment) {
        def whole = uninterrupted(situation)
        attempt("interrupt $situation $number/${whole.changes.size()} $moment", whole.changes[number]) {
            begin(situation)
            def heard = new InterruptedRun(demo, number, moment)
            def result = heard.run(situation.runbook, situation.target, parameters(situation))
            if (result.exit() == Exit.DONE) {
                // The last change of all is made before anybody hears of it.
                return judge('resume', new Cli.Result(exit: 0, out: '', err: ''), whole.after)
            }
            def problem = result.problem().orElse(null)
            if (result.exit() != Exit.INTERRUPTED || !problem.state().present) {
                return "FAILED: $result"
            }
            def verdict = heard.irreversible ? "says: ${problem.state().get()}" : judge('undo', new Cli.Result(exit: 0, out: problem.toString(), err: ''), whole.before, situation.stays)
            def resumed = demo.cli.run('resume', result.run(), *AGREE)
            def after = judge('resume', resumed, whole.after)
            after.startsWith('FAILED') ? after : verdict
        }
    }

    private List<String> parameters(Situation situation) {
        situation.parameters*.replace('BACKUP', demo.backups().first())*.replace('NOW', Instant.now().toString())
    }

    private static String text(String runbook) {
        Path.of(System.getProperty('pgrunbook.home'), "runbooks/${runbook}.groovy").toFile().text
    }
}
