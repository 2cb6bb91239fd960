package org.pgrunbook.runbook

import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.fixtures.KilledRun
import org.pgrunbook.journal.Json
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification

import java.util.concurrent.CompletableFuture

/** How a run that was ended goes on, or is taken back. */
class ResumeSpec extends Specification {
    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(18)

    def cleanup() {
        demo.sh('pg4', 'rm -rf made* stop')
    }

    def "what has changed something, or what that depended on, is reused; the rest is done again; each says why"() {
        given:
        def file = runbook('goes-on', '''
            @Target Node node
            @Param('x') DataSize size = 1.MB

            def begin = now()
            def version = step('look') { node.sql.database('postgres'); [size: size, at: begin, node: node, limit: 90.seconds, from: Lsn.parse('0/16B3748')] }
            step('change') { node.ssh.run('sh', '-c', 'echo once >> made').exit() }
            def after = step('look afterwards') { node.ssh.read('sh', '-c', 'date +%N').text() }
            step('change in a batch') {
                step('first') { node.ssh.run('sh', '-c', 'echo first >> made').exit() }
                step('second') { node.ssh.run('sh', '-c', 'echo second >> made; [ ! -e stop ]').exit() }
            }
            confirm 'Go on?'
            note "$begin ${version.size} ${(version.node as Node).sql.getClass().simpleName} ${version.limit} ${version.from} $after"
            step('last') { }
            ''')
        demo.sh('pg4', 'touch stop')

        when: 'a change fails'
        def failed = demo.cli.run('run', file, 'demo/pg4', '--yes', '-p', 'size=1234567')

        then:
        failed.exit == 1
        failed.err =~ /HINT: Go on from here, once that is mended: pgrunbook resume \d{8}-\d{6}-\w{4}\./

        when: 'its cause is mended'
        demo.sh('pg4', 'rm stop')
        def resumed = demo.cli.run('resume', 'last', '--yes')

        then:
        resumed.exit == 0
        resumed.out.contains('= look  reused: what was changed later depends on it')
        resumed.out.contains('= change  reused: it has changed something')
        resumed.out.contains('= look afterwards  reused: what was changed later depends on it')
        resumed.out =~ /> change in a batch\n\s+again: it did not end/
        resumed.out.contains('= first  reused: it has changed something')
        resumed.out =~ /> second\n\s+again: it did not end/
        demo.sh('pg4', 'cat made').readLines() == ['once', 'first', 'second', 'second']

        and: 'values are what they were, to the byte and the nanosecond, and the question was asked again'
        def log = journals()
        resumed.out.contains("${log[1].find { it.event == 'remembered' && it.key.startsWith('time') }.value} 1.2 MB Sql PT1M30S 0/16B3748")
        log[0].find { it.event == 'step-reused' && it.step == 'look' }.value.size == '1234567 B'
        log[0].find { it.event == 'confirmed' }.agreed

        and: 'its journal names the run that it went on with'
        log[0][0].continues == log[1][0].run
        demo.cli.run('runs', '-n', '1').out =~ /resume of ${log[1][0].run}/

        when: 'it is done'
        def again = demo.cli.run('resume', log[0][0].run)
        def older = demo.cli.run('resume', log[1][0].run)

        then:
        again.exit == 3
        again.err.contains('is done: there is nothing to go on with')
        older.exit == 3
        older.err.contains("went on as run ${log[0][0].run}")
    }

    def "a run that goes on twice goes on with what it knew at first"() {
        given:
        def file = runbook('twice', '''
            @Target Node node
            def begin = now()
            def choice = step('choose') { node.ssh.read('cat', 'choice').text().trim() }
            step('act') { node.ssh.run('touch', 'acted').exit() }
            confirm 'Go on?'
            note "$choice at $begin"
            ''')
        demo.sh('pg4', 'echo one > choice')

        expect: 'nobody is there to agree'
        demo.cli.run('run', file, 'demo/pg4').exit == 1

        when:
        demo.sh('pg4', 'echo two > choice')
        def alone = demo.cli.run('resume', 'last')
        def agreed = demo.cli.run('resume', 'last', '--yes')

        then:
        alone.exit == 3
        alone.out.contains('= choose  reused: what was changed later depends on it')
        agreed.exit == 0
        agreed.out.contains('= choose  reused: what was changed later depends on it')
        agreed.out.contains("one at ${journals()[2].find { it.event == 'remembered' && it.key.startsWith('time') }.value}")
    }

    def "steps after which nothing was changed are done again"() {
        given:
        def file = runbook('looks', '''
            @Target Node node
            step('look') { node.ssh.read('true').exit() }
            step('look again') { node.ssh.read('sh', '-c', '[ ! -e stop ]').exit() }
            ''')
        demo.sh('pg4', 'touch stop')

        expect:
        demo.cli.run('run', file, 'demo/pg4').exit == 1

        when:
        demo.sh('pg4', 'rm stop')
        def resumed = demo.cli.run('resume', 'last')

        then:
        resumed.exit == 0
        resumed.out =~ /> look\n\s+again: nothing was changed after it/
        resumed.out =~ /> look again\n\s+again: it did not end/
    }

    def "whether it goes on when #what was changed meanwhile, and what it says"() {
        given:
        def file = runbook("changed-$what".replace(' ', '-'), '''
            @Target Node node
            step('change') { node.ssh.run('touch', 'made').exit() }
            refuseIf true, 'enough'
            ''')
        def inventory = demo.sandbox.inventory().toFile()
        def text = inventory.text
        assert demo.cli.run('run', file, 'demo/pg4').exit == 1

        when:
        change(file, inventory)
        def resumed = demo.cli.run('resume', 'last')

        then:
        resumed.exit == status
        resumed.err =~ fact

        cleanup:
        inventory.text = text

        where:
        what              | change                                                                                      || status | fact
        'the runbook'     | { book, hosts -> book << '\n// another\n' }                                                || 3      | /error: runbook ".*" was changed since the run began/
        'the node'        | { book, hosts -> hosts.text = hosts.text.replace('pg4:', 'pg4:\n        priority: 7') }    || 3      | /error: node demo\/pg4 in the inventory was changed/
        'a role'          | { book, hosts -> hosts.text = hosts.text.replaceFirst('role: standby', 'role: spare') }    || 1      | /error: enough/
        'another cluster' | { book, hosts -> hosts << '\n  other:\n    nodes:\n      a: { host: 127.0.0.1, role: primary }\n' } || 1 | /error: enough/
    }

    def "a change in doubt that no verb can settle ends with 6 and says what to look at"() {
        given:
        def file = runbook('raw', '''
            @Target Node node
            step('change') { node.ssh.run('sh', '-c', 'echo raw >> made').exit() }
            ''')
        KilledRun.at(demo, 0, 'unheard', file.path, 'demo/pg4')

        when:
        def resumed = demo.cli.run('resume', 'last')

        then:
        resumed.exit == 6
        resumed.err.contains("error: nobody knows whether this was done: sh -c 'echo raw >> made'")
        resumed.err.contains('HINT: Look there whether it was.')
        demo.sh('pg4', 'cat made').readLines() == ['raw']
    }

    def "a server that was told to start by a run that was killed meanwhile is waited for, not taken for up"() {
        given: 'a standby that does not come up before something is gone'
        def file = runbook('starts', '''
            @Target Node node
            step('start it') { node.postmaster.start() }
            step('ask it') { node.sql.value(Boolean, 'select pg_is_in_recovery()') }
            ''')
        demo.execute('pg3', "alter system set restore_command = 'while [ -e ../hold ]; do sleep 0.1; done; false'")
        demo.stop('pg3')
        KilledRun.at(demo, 0, 'before', file.path, 'demo/pg3')
        demo.sh('pg3', 'touch hold && pg_ctl start --pgdata=data --no-wait --silent --log=postgresql.log')

        when:
        def resumed = CompletableFuture.supplyAsync { demo.cli.run('resume', 'last') }
        demo.eventually { resumed.done || journals()[0].any { it.event == 'operation-started' && it.operation.text.contains('postmaster.pid') } }
        demo.sh('pg3', 'rm hold')

        then:
        resumed.get().exit == 0
        resumed.get().out.contains('done already')

        cleanup:
        demo.execute('pg3', 'alter system reset restore_command', 'select pg_reload_conf()')
    }

    def "undo takes back what a killed run has done, after it was shown and agreed to; the run is not to be resumed then"() {
        given:
        def file = runbook('reversible', '''
            @Target Node node
            undo('remove the first') { node.ssh.run('rm', 'made.1') }
            step('first') { node.ssh.run('touch', 'made.1').exit() }
            undo('remove the second') { node.ssh.run('rm', '-f', 'made.2') }
            step('second') { node.ssh.run('touch', 'made.2').exit() }
            undo('remove the third') { node.ssh.run('rm', '-f', 'made.3') }
            step('third') { node.ssh.run('touch', 'made.3').exit() }
            ''')
        KilledRun.at(demo, 1, 'after', file.path, 'demo/pg4')
        assert demo.sh('pg4', 'ls made*').readLines() == ['made.1', 'made.2']

        when: 'nobody agrees'
        def refused = demo.cli.run('undo', 'last')

        then:
        refused.exit == 3
        refused.out.contains('to be undone, in this order: remove the second; remove the first')
        refused.err.contains('--confirm=demo/pg4')
        demo.sh('pg4', 'ls made*').readLines() == ['made.1', 'made.2']

        when:
        def killed = demo.cli.run('runs', '--json').out.readLines().collect { Json.object(it) }.find { it.outcome == 'interrupted' }.run
        def undone = demo.cli.run('undo', killed, '--confirm=demo/pg4')

        then:
        undone.exit == 0
        undone.out.indexOf('> undo: remove the second') < undone.out.indexOf('> undo: remove the first')
        demo.sh('pg4', 'ls | grep -c made || true').trim() == '0'

        and:
        demo.cli.run('resume', killed).exit == 3
    }

    def "P71: what lies before the point of no return stays, also if the step behind it was cut short"() {
        given:
        def file = runbook('no-return', '''
            @Target Node node
            undo('remove the first') { node.ssh.run('rm', 'made.1') }
            step('first') { node.ssh.run('touch', 'made.1').exit() }
            confirm node, 'Go on?'
            step('second') { pointOfNoReturn { node.ssh.run('touch', 'made.2').exit() } }
            refuseIf true, 'enough'
            ''')
        def killed = KilledRun.at(demo, 1, 'before', file.path, 'demo/pg4')

        when:
        def undone = demo.cli.run('undo', killed, '--confirm=demo/pg4')

        then:
        undone.exit == 0
        undone.out.contains("it went past the point of no return; to go on from there: pgrunbook resume $killed")
        undone.out.contains('stays changed: ssh demo/pg4 touch made.1')
        demo.sh('pg4', 'ls made*').readLines() == ['made.1']

        when: 'it goes on, and fails later'
        demo.sh('pg4', 'touch made.2')
        def resumed = demo.cli.run('resume', killed, '--confirm=demo/pg4')

        then:
        resumed.exit == 6
        !resumed.out.contains('undo: remove the first')
        demo.sh('pg4', 'ls made*').readLines() == ['made.1', 'made.2']
    }

    def "an undo that was killed is begun once more, with what it has not done; until then the run does not go on"() {
        given:
        def file = runbook('undo-twice', '''
            @Target Node node
            undo('remove the first') { node.ssh.run('rm', 'made.1') }
            step('first') { node.ssh.run('touch', 'made.1').exit() }
            undo('remove the second') { node.ssh.run('rm', 'made.2') }
            step('second') { node.ssh.run('touch', 'made.2').exit() }
            ''')
        def killed = KilledRun.at(demo, 1, 'after', file.path, 'demo/pg4')
        assert demo.cli.run('undo', killed, '--confirm=demo/pg4').exit == 0

        when: 'its journal is that of an undo which came no further than its first half'
        def gone = new ProcessBuilder('true').start()
        gone.waitFor()
        def undo = demo.folder.resolve('state/runs').toFile().listFiles().max { it.name }
        def lines = undo.readLines()
        def half = lines.findIndexOf { it.contains('"step-ended"') && it.contains('undo: remove the second') }
        undo.text = lines.take(half + 1).join('\n').replaceFirst(/"pid":\d+/, "\"pid\":${gone.pid()}") + '\n'
        demo.sh('pg4', 'touch made.1')
        def resumed = demo.cli.run('resume', killed, '--confirm=demo/pg4')
        def again = demo.cli.run('undo', killed, '--confirm=demo/pg4')

        then:
        resumed.exit == 3
        resumed.err.contains("HINT: Take the rest back: pgrunbook undo $killed.")
        again.exit == 0
        again.out.contains('to be undone, in this order: remove the first\n')
        demo.sh('pg4', 'ls | grep -c made || true').trim() == '0'

        when:
        def third = demo.cli.run('undo', killed, '--confirm=demo/pg4')

        then:
        third.exit == 3
        third.err.contains('was taken back by run')
    }

    def "undo does what a killed run owed in any case, once"() {
        given:
        def file = runbook('owes', '''
            @Target Node node
            always('remove it') { node.ssh.run('rm', 'made.1') }
            step('make it') { node.ssh.run('touch', 'made.1').exit() }
            step('wait') { node.ssh.run('touch', 'made.2').exit() }
            ''')
        def killed = KilledRun.at(demo, 1, 'before', file.path, 'demo/pg4')

        when:
        def undone = demo.cli.run('undo', 'last', '--confirm=demo/pg4')

        then:
        undone.exit == 0
        undone.out.contains('nothing is left that could be undone')
        undone.out.contains('to be done in any case, in this order: remove it')
        undone.out.contains('had changed: ssh demo/pg4 touch made.1 (make it)')
        !undone.out.contains('stays changed')
        journals()[0][0].continues == killed
        demo.sh('pg4', 'ls | grep -c made || true').trim() == '0'

        and: 'a run that came to its end, however, has done it'
        demo.cli.run('undo', killed, '--confirm=demo/pg4').exit == 3
    }

    def "SQL that comes to the same when it is done twice is done again"() {
        given:
        def file = runbook('sql-twice', '''
            @Target Node node
            step('change') { node.sql.execute('create table if not exists twice (id int)'); node.sql.execute('select pg_reload_conf()') }
            step('clean') { node.sql.execute('drop table if exists twice'); null }
            ''')
        KilledRun.at(demo, 1, 'unheard', file.path, 'demo/pg1')

        when:
        def resumed = demo.cli.run('resume', 'last')

        then:
        resumed.exit == 0
        !resumed.out.contains('done already')
    }

    def "a run that lacks only somebody's consent to go on ends with 3, takes nothing back, and can go on with it"() {
        given:
        def file = runbook('consent', '''
            @Target Node node
            undo('remove it') { node.ssh.run('rm', 'made.1') }
            step('first') { node.ssh.run('touch', 'made.1').exit() }
            confirm node, 'Go on?'
            step('second') { s3('pgrunbook').put('made.2', new ByteArrayInputStream(new byte[1])).size() }
            ''')
        KilledRun.at(demo, 1, 'before', file.path, 'demo/pg4')

        when:
        def refused = demo.cli.run('resume', 'last')

        then:
        refused.exit == 3
        refused.err =~ /(?m)^HINT: Go on from here, and agree: pgrunbook resume \S+\.$/
        refused.err =~ /(?m)^state: nothing was changed by this, nor taken back, pg1 takes writes/
        demo.sh('pg4', 'ls made*').readLines() == ['made.1']

        when:
        def resumed = demo.cli.run('resume', 'last', '--confirm=demo/pg4')

        then:
        resumed.exit == 0
        resumed.out.contains('= first  reused: it has changed something')
        demo.sh('pg4', 'ls made*').readLines() == ['made.1']
        demo.folder.resolve('sandbox/s3/pgrunbook/made.2').toFile().exists()
    }

    def "\"last\" is the newest run that can go on, or that has something to undo; an undo of none says what stays changed"() {
        given:
        def undoable = runbook('undoable', '''
            @Target Node node
            undo('remove it') { node.ssh.run('rm', 'made.1') }
            step('make it') { node.ssh.run('touch', 'made.1').exit() }
            ''')
        def plain = runbook('plain', '''
            @Target Node node
            step('make another') { node.ssh.run('touch', 'made.2').exit() }
            refuseIf true, 'enough'
            ''')
        def fine = runbook('fine', "@Target Node node\nnote 'fine'")
        KilledRun.at(demo, 0, 'after', undoable.path, 'demo/pg4')
        assert demo.cli.run('run', plain, 'demo/pg4').exit == 1
        assert demo.cli.run('run', fine, 'demo/pg4').exit == 0
        def (done, failed, killed) = journals()*.first()*.run

        when:
        def resumed = demo.cli.run('resume', 'last')
        def again = journals()[0][0]
        def kept = demo.cli.run('undo', again.run)
        def undone = demo.cli.run('undo', 'last', '--confirm=demo/pg4')

        then:
        resumed.exit == 1
        again.continues == failed

        and:
        kept.exit == 0
        kept.out =~ /nothing is left that could be undone\nstays changed: ssh demo\/pg4 touch made.2 \(make another\)/

        and:
        undone.exit == 0
        journals()[0][0].continues == killed
        demo.sh('pg4', 'ls made*').readLines() == ['made.2']
    }

    def "a step whose undo has run counts as not done"() {
        given:
        def file = runbook('undone', '''
            @Target Node node
            undo('remove it') { node.ssh.run('rm', 'made.1') }
            step('make it') { node.ssh.run('touch', 'made.1').exit() }
            step('use it') { node.ssh.run('sh', '-c', '[ ! -e stop ]').exit() }
            ''')
        demo.sh('pg4', 'touch stop')
        def failed = demo.cli.run('run', file, 'demo/pg4')
        assert failed.exit == 1
        assert demo.sh('pg4', 'ls').readLines().count('made.1') == 0

        when:
        demo.sh('pg4', 'rm stop')
        def resumed = demo.cli.run('resume', 'last')

        then:
        resumed.exit == 0
        resumed.out =~ /> make it\n\s+again: it was undone/
        demo.sh('pg4', 'ls').readLines().count('made.1') == 1
    }

    def "undo, always and lock are said outside of steps, or a run that goes on would not hear them"() {
        given:
        def file = runbook('inside', "step('x') { undo('y') { } }")

        when:
        def run = demo.cli.run('run', file)

        then:
        run.exit == 2
        run.err.contains('"undo" is said inside of step "x"')
    }

    private File runbook(String name, String text) {
        def file = demo.folder.resolve("${name}.groovy").toFile()
        file.text = text.stripIndent()
        file
    }

    /** The journals of the runs, the newest first. */
    private List<List<Map>> journals() {
        demo.folder.resolve('state/runs').toFile().listFiles().sort { it.name }.reverse()
            .collect { it.readLines().collect { line -> Json.object(line) } }
    }
}
