package org.pgrunbook.runbook

import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.fixtures.KilledRun
import org.pgrunbook.journal.Json
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification

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
        def again = demo.cli.run('resume', 'last')
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
        kept.out =~ /nothing is left that could be undone\nstays changed: ssh demo\/pg4 touch made.2/

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
