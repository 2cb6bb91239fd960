package org.pgrunbook.runbook

import org.pgrunbook.fixtures.Cli
import spock.lang.Requires
import spock.lang.Shared
import spock.util.concurrent.PollingConditions

import java.util.concurrent.CompletableFuture
import java.util.concurrent.Executor
import java.util.concurrent.TimeUnit

import static org.pgrunbook.runbook.Situation.INCIDENTS

/** Every playbook in the incident that its drill makes, and every drill, killed at each of its changes; see {@link KillContract}. */
@Requires({ KillContract.EVERYWHERE })
class KilledPlaybooksSpec extends KillContract {
    /** The drill whose incident an undo has just brought back, so that it need not be made anew. */
    @Shared private CompletableFuture<Cli.Result> broughtBack

    def cleanup() {
        unmount()
    }

    def "the playbook of #incident, killed at each change, goes on and solves it, or is taken back"() {
        given:
        onlyIfWanted("incident/$incident")
        mount(incident)
        def calm = settled()
        def drill = drill(incident)
        found(incident)
        def whole = solve(incident)
        assert whole.exit == 0: whole
        def made = changes("incident/$incident")
        assert solveUntil(incident) { drill.done } && drill.get().exit == 0

        MOMENTS.each { moment -> worthwhile(made).each { number -> WAYS.each { way ->
            attempt("incident/$incident $number/${made.size()} $moment $way", made[number]) { playbook(incident, number, moment, way, calm) }
        } } }

        expect:
        failures == []

        where:
        incident << INCIDENTS.keySet()
    }

    def "the drill of #incident, killed at each change, goes on until it is solved, or is cleaned up"() {
        given:
        onlyIfWanted("drill/$incident")
        mount(incident)
        def calm = settled()
        def drill = drill(incident)
        assert solveUntil(incident) { drill.done }
        def made = changes("drill/$incident")

        MOMENTS.each { moment -> worthwhile(made).each { number -> WAYS.each { way ->
            attempt("drill/$incident $number/${made.size()} $moment $way", made[number]) { killedDrill(incident, number, moment, way, calm) }
        } } }

        expect:
        failures == []

        where:
        incident << INCIDENTS.keySet()
    }

    private String playbook(String incident, int number, String moment, String way, Map calm) {
        def drill = broughtBack ?: drill(incident)
        broughtBack = null
        found(incident)
        def before = settled()
        def id = doomed().at(number, moment, "incident/$incident", 'demo', ['severity=critical', *INCIDENTS[incident]])
        def said = demo.cli.run(way, id, *AGREE)
        // What solved it may have ended the drill, which then has removed what it was about.
        def verdict = way == 'resume' && (said.exit == 0 || said.exit == 1 && drill.done) ? solved(drill, said) : judge(way, said, before, [], number == 0 && moment == 'before')
        if (way == 'undo' && verdict == 'as it should be' && !drill.done) {
            broughtBack = drill
            return verdict
        }
        solveUntil(incident) { drill.done }
        calmDown(calm)
        verdict
    }

    private static String solved(CompletableFuture<Cli.Result> drill, Cli.Result said) {
        try {
            def ended = drill.get(60, TimeUnit.SECONDS)
            ended.exit == 0 ? 'solved' : "FAILED: the drill says $ended\n$said"
        } catch (java.util.concurrent.TimeoutException ignored) {
            "FAILED: it is not solved\n$said"
        }
    }

    private String killedDrill(String incident, int number, String moment, String way, Map calm) {
        def killed = doomed()
        def id = CompletableFuture.supplyAsync({ killed.at(number, moment, "drill/$incident", 'demo', limits(incident)) }, THREAD)
        assert solveUntil(incident) { id.done }
        def result = CompletableFuture.supplyAsync({ demo.cli.run(way, id.get(), *AGREE) }, THREAD)
        assert solveUntil(incident) { result.done }
        def verdict = judge(way, result.get(), calm)
        calmDown(calm)
        verdict
    }

    private static final Executor THREAD = { Runnable task -> new Thread(task).start() } as Executor

    private CompletableFuture<Cli.Result> drill(String incident) {
        CompletableFuture.supplyAsync({ demo.cli.run('run', "drill/$incident", 'demo', *limits(incident).collectMany { ['-p', it] }) }, THREAD)
    }

    private static List<String> limits(String incident) {
        incident == 'pg-wal-filling' ? ['amount=128MB'] : []
    }

    /** Waits until the playbook sees its incident. */
    private void found(String incident) {
        demo.eventually {
            def looked = demo.cli.run('run', "incident/$incident", 'demo', *INCIDENTS[incident].findAll { it.startsWith('node=') }.collectMany { ['-p', it] })
            looked.exit == 0 && looked.out.contains('-p severity=critical')
        }
    }

    private Cli.Result solve(String incident) {
        demo.cli.run('run', "incident/$incident", 'demo', '-p', 'severity=critical', *INCIDENTS[incident].collectMany { ['-p', it] }, *AGREE)
    }

    private boolean solveUntil(String incident, Closure<Boolean> over) {
        new PollingConditions(timeout: 300, delay: 0.2).eventually {
            over() || solve(incident)
            assert over()
        }
        true
    }

    /** Ends what a case has left, for the next. */
    private void calmDown(Map calm) {
        if (differing(calm, [], 3)) {
            boolean mounted = unmount()
            stages.start.restore()
            mounted && mount('disk-full')
        }
    }

    /** A small file system, which may be filled. */
    private void mount(String incident) {
        if (incident == 'disk-full') {
            mounted('mount', '-t', 'tmpfs', '-o', 'size=48m,mode=777', 'tmpfs')
        }
    }

    private boolean unmount() {
        new File('/proc/mounts').text.contains(logs()) && mounted('umount')
    }

    private String logs() {
        demo.home('pg1').resolve('data/log')
    }

    private boolean mounted(String... command) {
        new ProcessBuilder([*command, logs()]).inheritIO().start().waitFor() == 0
    }
}
