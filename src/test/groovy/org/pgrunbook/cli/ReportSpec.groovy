package org.pgrunbook.cli

import org.pgrunbook.Exit
import org.pgrunbook.Problem
import org.pgrunbook.Secrets
import org.pgrunbook.fixtures.Cli
import org.pgrunbook.fixtures.SettableTime
import org.pgrunbook.journal.Event
import org.pgrunbook.journal.Journal
import org.pgrunbook.journal.JournalFile
import org.pgrunbook.journal.Operation
import org.xml.sax.InputSource
import spock.lang.Specification
import spock.lang.TempDir

import javax.xml.parsers.DocumentBuilderFactory
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration

/** What a report says of runs whose journals are written here, event by event on a clock that is set. */
class ReportSpec extends Specification {
    static final HOSTILE = "select '</script><b>' as \"a|b\", `x` -- ```"

    @TempDir Path folder
    SettableTime time = new SettableTime()
    JournalFile file
    Journal journal
    String id
    int runs = 0
    long operations = 0
    Secrets secrets = new Secrets()

    def "a run that is done: who, what, how long, what it changed and what it told"() {
        given:
        begin()
        step('look') {
            operation(Operation.probe(Operation.Wire.SQL, 'demo/pg1', 'select 1'))
            journal.tell(new Event.Tabled(['node', 'startLsn'], [['demo/pg1', '0/3000000'], ['demo/pg2', null]]))
        }
        time.sleep(Duration.ofMinutes(5))
        journal.tell(new Event.Confirmed('Promote pg2?', true, '--confirm=demo'))
        step('promote') { operation(Operation.change(Operation.Wire.SQL, 'demo/pg2', 'select pg_promote()')) }
        journal.tell(new Event.PointOfNoReturn())
        journal.tell(new Event.Measured('without writes', Duration.ofMillis(1284)))
        end()

        when:
        def page = report('--html')
        def text = report('--markdown')

        then:
        [page, text].every { report ->
            ['replication/failover', 'anna on ops1', '2 steps, 2 operations, of which 1 change on demo/pg2', 'without writes: 1.3 s',
             'Promote pg2?', 'start lsn', '0/3000000', 'point of no return', '5 min until it was answered'].every { report.contains(it) }
        }
        text.contains('# replication/failover demo: done')
        text.contains('select pg_promote()')

        and: 'a change is drawn otherwise than a probe, and the long wait does not press them to nothing'
        page.contains('class="bar change done"')
        page.contains('class="bar probe done"')
        widths(page, 'bar change done').every { it > 5 }
    }

    def "what a statement says stays text: in HTML, and in Markdown's tables and fences"() {
        given:
        begin()
        step('<i>look</i> | `now`') { operation(Operation.change(Operation.Wire.SQL, 'demo/pg1', HOSTILE)) }
        journal.note(HOSTILE)
        end()

        when:
        def page = report('--html')
        def text = report()

        then:
        !page.contains('</script>')
        !page.contains('<b>\' as')
        !page.contains('<i>look')
        tags(page).intersect(['script', 'link', 'img', 'iframe', 'object']) == [] as Set
        page.contains('&lt;/script&gt;&lt;b&gt;')

        and: 'the fence is longer than the one in the text, and no cell of a table is torn'
        text.contains("   ````\n   $HOSTILE\n   ````")
        text.readLines().findAll { it.startsWith('| ') && it.contains('select') }.every { it.replace('\\|', '').count('|') == 6 }
        text.contains('\\<i\\>look\\</i\\> \\| \\`now\\`')
    }

    def "a page is well-formed and loads nothing"() {
        given:
        begin()
        step('look') { operation(Operation.probe(Operation.Wire.SQL, 'demo/pg1', 'select 1 \u0000 \u001b[31m & <')) }
        end()

        when:
        def page = report('--html')
        def factory = DocumentBuilderFactory.newInstance()
        def xml = page.replaceFirst('<!DOCTYPE html>', '').replaceAll(/<meta ([^>]*)>/, '<meta $1/>')
        factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml)))

        then:
        noExceptionThrown()
        !(page =~ /(src|href)="(?!#)/)
        !(page =~ /url\(|@import|@font-face/)
        page.contains('prefers-color-scheme: dark')
        page.contains('@media print')
    }

    def "a run that failed says why, where, in what state, and what was said to try"() {
        given:
        begin()
        step('copy', 'no space left') {
            operation(Operation.change(Operation.Wire.STORE, 'main', 'PUT a'), Event.Outcome.FAILED, 'no space left')
        }
        end(Problem.failed('no space left').hint('Make room.').at('test:7').state('pg1 takes writes'))

        expect:
        [report('--html'), report()].every { report ->
            ['no space left', 'Make room.', 'test:7', 'pg1 takes writes'].every { report.contains(it) }
        }
        report('--html').contains('class="bar change failed"')
        report().contains('**failed**: no space left')
    }

    def "a run that was killed says so, and of which change nobody knows"() {
        given: 'a process that is no more'
        begin(pid: 999_999_999)
        journal.tell(new Event.Locked('demo.roles', null))
        journal.tell(new Event.Undoable('start pg1 again'))
        journal.tell(new Event.StepStarted('stop'))
        journal.inside('stop') { journal.tell(new Event.OperationStarted(7, Operation.change(Operation.Wire.SSH, 'demo/pg1', 'pg_ctl stop'))) }
        file.close()
        // The last line is torn, in the middle of a letter.
        Files.write(journalFile(), '{"v":1,"seq":9,"text":"\u00fc'.getBytes('UTF-8')[0..-2] as byte[], java.nio.file.StandardOpenOption.APPEND)

        expect:
        [report('--html'), report()].every { report ->
            def plain = report.replace('\\', '').replace('&quot;', '"')
            ['its process ended without a word', 'Nobody knows whether this was done: ssh demo/pg1 pg_ctl stop', 'Step "stop" began and did not end.',
             'Lock demo.roles was not given back.', "pgrunbook resume $id", "pgrunbook undo $id"].every { plain.contains(it.toString()) }
        }
        report('--html').contains('class="bar change open"')
    }

    def "a run that still goes on says so, and what it is doing"() {
        given:
        begin(pid: ProcessHandle.current().pid())
        journal.tell(new Event.StepStarted('copy'))
        journal.inside('copy') { journal.tell(new Event.OperationStarted(7, Operation.change(Operation.Wire.STORE, 'main', 'PUT a'))) }

        expect:
        report().contains('It is still running')
        report().contains('This is going on: store main PUT a')
        !report().contains('Nobody knows')

        cleanup:
        file.close()
    }

    def "a dry run says that nothing was changed, what would be, and what could not be foreseen"() {
        given:
        begin(kind: Event.Started.Kind.DRY_RUN)
        def change = Operation.change(Operation.Wire.SQL, 'demo/pg2', 'select pg_promote()')
        step('promote') { journal.tell(new Event.OperationEnded(1, change, Event.Outcome.DESCRIBED, Duration.ZERO, [:], null)) }
        journal.tell(new Event.Would('ask: Promote pg2?'))
        journal.tell(new Event.Forecast([], ['whether pg3 follows']))
        end()

        expect:
        [report('--html'), report()].every { report ->
            ['Nothing was changed', 'What a real run would change', 'would ask: Promote pg2?', 'Not to be foreseen: whether pg3 follows']
                .every { report.contains(it) }
        }
        report('--html').contains('class="bar change described"')
    }

    def "runs that go on from each other name each other"() {
        given:
        begin(pid: 999_999_999)
        file.close()
        def first = id
        begin(kind: Event.Started.Kind.RESUME, continues: first)
        journal.tell(new Event.StepReused('fence', 'it has changed something', null, null))
        end(Problem.failed('pg2 is gone'))
        def second = id
        begin(kind: Event.Started.Kind.UNDO, continues: second)
        end()

        expect:
        report(first).contains("It went on as run $second, failed.")
        report(second).contains("It goes on from run $first.")
        report(second).contains("Run $first (run) ended: interrupted.")
        report(second).contains("It was taken back by run $id, done.")
        report(second).contains('done before: it has changed something')
        report(id).contains("It takes back run $second.")
        report(id).contains("Run $second (resume) ended: failed: pg2 is gone.")
    }

    def "ten thousand operations make a page of bounded size that says what it left out"() {
        given:
        begin()
        step('copy') {
            10_000.times {
                boolean failed = it == 5_000
                operation(Operation.probe(Operation.Wire.STORE, 'main', "GET $it"), failed ? Event.Outcome.FAILED : Event.Outcome.DONE, failed ? 'torn' : null)
            }
        }
        step('delete') { 400.times { operation(Operation.change(Operation.Wire.STORE, 'main', "DELETE $it")) } }
        500.times { n -> step("step $n") { } }
        journal.tell(new Event.Tabled(['n'], (1..5_000).collect { [it] }))
        journal.note('x' * 100_000)
        end()

        when:
        def page = report('--html')
        def text = report()

        then:
        page.length() < 1_000_000
        text.length() < 300_000
        page.contains('10000 operations')
        page.contains('400 operations, 400 changes')
        page.contains('more operations')
        page.contains('more steps')
        page.contains('more changes')
        page.contains('4800 more rows')
        page.contains('96000 more characters')

        and: 'the one that failed is among those which are shown'
        page.contains('GET 5000')
        text.contains('GET 5000')
    }

    def "a secret that was struck out in the journal is in no report"() {
        given:
        secrets.register('hunter2hunter2')
        begin()
        journal.note('the password is hunter2hunter2')
        end(Problem.failed('not let in with hunter2hunter2').hint('Try hunter2hunter2.').state('hunter2hunter2'))

        expect:
        !journalFile().toFile().text.contains('hunter2')
        !report().contains('hunter2')
        !report('--html').contains('hunter2')
    }

    def "--output writes a file, as a page if its name says so; --html and --markdown exclude each other; an unknown run is refused"() {
        given:
        begin()
        end()

        expect:
        cli.run('report', 'last', '-o', 'here.html').out == "report of run $id is in here.html\n"
        folder.resolve('here.html').toFile().text.startsWith('<!DOCTYPE html>')
        cli.run('report', id[0..14], '--output', 'here.md').exit == 0
        folder.resolve('here.md').toFile().text.startsWith('# replication/failover')
        cli.run('report', 'last', '-o', 'no/such/folder.md').exit == 2
        cli.run('report', 'last', '--html', '--markdown').exit == 2
        with(cli.run('report', '2020')) {
            exit == 2
            err.contains('there is no run "2020"')
        }
    }

    private Cli getCli() {
        new Cli(folder)
    }

    private String report(String which = null, Object... more) {
        boolean option = which?.startsWith('--')
        def result = cli.run('report', option || !which ? id : which, *(option ? [which] : []))
        assert result.exit == 0: result
        result.out
    }

    private Path journalFile() {
        folder.resolve("runs/${id}.jsonl")
    }

    private void begin(Map<String, Object> how = [:]) {
        id = "20260301-01450${runs++}-k3f9"
        file = JournalFile.begin(folder.resolve('runs'), id).get()
        journal = new Journal(time, secrets, [file])
        journal.tell(new Event.Started(id, 'replication/failover', 'demo', [maxLoss: '16MB'], 'anna', 'ops1', how.pid ?: 1L, ['run', 'replication/failover', 'demo'],
            'a' * 64, 'b' * 64, '3ddf5e40de04', '0.1.0', how.kind ?: Event.Started.Kind.RUN, how.continues))
    }

    private void end(Problem problem = null) {
        journal.tell(Event.Ended.with(problem?.exit() ?: Exit.DONE, Duration.ofSeconds(3), Optional.ofNullable(problem?.without(secrets))))
        file.close()
    }

    private void step(String name, String error = null, Closure<?> body) {
        journal.inside(name) {
            journal.tell(new Event.StepStarted(name))
            body()
            time.sleep(Duration.ofMillis(10))
            journal.tell(new Event.StepEnded(name, error ? Event.Outcome.FAILED : Event.Outcome.DONE, Duration.ofMillis(10), null, null, error))
        }
    }

    private void operation(Operation operation, Event.Outcome outcome = Event.Outcome.DONE, String error = null) {
        journal.tell(new Event.OperationStarted(++operations, operation))
        time.sleep(Duration.ofMillis(100))
        journal.tell(new Event.OperationEnded(operations, operation, outcome, Duration.ofMillis(100), [rows: 1], error))
    }

    private static List<BigDecimal> widths(String page, String kind) {
        (page =~ /class="$kind" style="left:[\d.]+%;width:([\d.]+)%/).collect { (it[1] as String).toBigDecimal() }
    }

    private static Set<String> tags(String page) {
        (page =~ /<([a-z0-9]+)/).collect { it[1] as String }.toSet()
    }
}
