package org.pgrunbook.runbook

import org.pgrunbook.Exit
import org.pgrunbook.fixtures.Bench
import org.pgrunbook.inventory.Inventory
import spock.lang.Specification
import spock.lang.TempDir

import java.nio.file.Path

/** What check finds beyond what a compiler would, each with its place and its rule. */
class RulesSpec extends Specification {
    @TempDir Path folder

    @Delegate Bench bench

    def setup() {
        bench = new Bench(folder)
        bench.inventory = new Inventory([:], [demo: Bench.clusterSpec('demo', 3)], [], [], '')
    }

    def "#rule: #text"() {
        expect:
        found(text) == mistakes.collect { "$it [$rule]".toString() }

        where:
        rule                  | text                                                                    || mistakes
        'step-name-twice'     | 'step("a") { }\nstep("b") { step("a") { } }\n\nstep("a") { }'             || ['4:1 step "a" is there already, in line 1']
        'step-name-twice'     | 'step("x") { step("a") { }\nparallel([1]) { step("a") { } } }'            || ['2:17 step "a" is there already, in line 1']
        'step-name-twice'     | 'if (now()) { step("a") { } } else { step("a") { } }'                      || []
        'step-name-twice'     | 'if (now()) { step("a") { } } else { note 1 }\nstep("a") { }'              || ['2:1 step "a" is there already, in line 1']
        'step-name-twice'     | 'if (now()) { step("a") { }; return }\nstep("a") { }'                      || []
        'step-name-twice'     | 'switch (1) { case 1: step("a") { }; break\ndefault: step("a") { } }'      || []
        'step-name-twice'     | '["a", "b"].each { step("copy $it") { } }\n["c"].each { step("copy $it") { } }' || []
        'said-inside-step'    | '@Target Cluster c\nstep("a") { lock c.roles\nundo("x") { } }\nstep("b") { step("c $c") { always("y") { } } }' || ['2:13 "lock" is said inside of step "a"', '3:1 "undo" is said inside of step "a"', '4:28 "always" is said inside of step "c …"']
        'said-inside-step'    | '@Target Cluster c\nlock c.roles\nif (c) { undo("x") { step("y") { } } }\nstep("a") { holding(c.wal, 1.seconds) { } }' || []
        'change-outside-step' | '@Target Node n\nn.sql.execute("vacuum")\nn.ssh.run("reboot")'           || ['2:1 "execute" changes something outside of any step', '3:1 "run" changes something outside of any step']
        'change-outside-step' | '@Target Node n\nn.postmaster.stop(Postmaster.Stop.FAST, 1.minutes)'       || ['2:1 "stop" changes something outside of any step']
        'change-outside-step' | '@Target Node n\nn.ssh.run(Command.change("reboot"))\nn.ssh.run(Command.probe("ls"))' || ['2:1 "run" changes something outside of any step']
        'change-outside-step' | '@Target Node n\n[n].each { it.unfence() }'                               || ['2:12 "unfence" changes something outside of any step']
        'change-outside-step' | '@Target Node n\nstep("x") { [n].each { it.unfence() } }\nundo("y") { n.sql.execute("x") }\nalways("z") { n.unfence() }\nn.ssh.read("ls")' || []
        'change-outside-step' | '@Target Node n\ndef again = { n.unfence() }\nvoid once(Node m) { m.unfence() }\nstep("x") { again(); once(n) }' || []
        'no-confirm'          | 'pointOfNoReturn { note 1 }\nconfirm "now?"'                               || ['1:1 nobody is asked before the point of no return']
        'no-confirm'          | 'confirm "now?"\nstep("x") { pointOfNoReturn { note 1 } }'                 || []
        'literal-secret'      | 'def password = "tiger"\nString note2 = ""\nnote2 = "x"'                   || ['1:16 "password" is written down here']
        'literal-secret'      | '@Param("x") String apiToken = "tiger"\nnote([secretKey: "tiger"])\nString password = ""' || ['1:31 "apiToken" is written down here', '2:18 "secretKey" is written down here']
        'literal-secret'      | 'def p = Command.probe("ls").secretStdin("tiger")'                         || ['1:41 "secretStdin" is written down here']
        'probe-changes'       | '@Target Node n\nn.ssh.read("rm", "-f", "x")\nn.ssh.read(["mv", "a"])\nn.ssh.read("rm".toString())' || ['2:7 a probe runs rm, which removes files; use ssh.run, or Command.change, for a change', '3:7 a probe runs mv, which moves files; use ssh.run, or Command.change, for a change']
        'probe-changes'       | 'def c = Command.probeScript("cd /x && echo a > b", "c")'                   || ['1:17 a probe runs a redirection into a file; use ssh.run, or Command.change, for a change']
        'probe-changes'       | '@Target Node n\nn.sql.value("select pg_switch_wal()")'                     || ['2:7 a probe calls pg_switch_wal(), which changes something; use sql.execute, or sql.returning, for a change']
        'parameter-type'      | '@Param("x") Thread t\n@Param("y") List<Lsn> l\n@Param("z") List<Thread> u\n@Param("w") Severity s' || ['1:1 no command line can give a Thread', '3:1 no command line can give a List<Thread>']
        'parameter-type'      | '@Param("x") def t = 1\nnote t'                                           || ['1:1 a parameter has one name and a type, such as Integer count']
        'parameter-range'     | '@Param(value = "x", min = "1", max = "5") Integer i = 9\n@Param(value = "y", min = "1MB") DataSize s = 16.kB\n@Param(value = "z", max = "1min") Duration d = 90.seconds' || ['1:55 the default 9 is more than 5', '2:47 the default 16.kB is less than 1MB', '3:48 the default 90.seconds is more than 1min']
        'parameter-range'     | '@Param(value = "x", min = "one") Integer i\n@Param(value = "y", max = "1 mile") DataSize s\n@Param(value = "z", min = 1) Integer j' || ['1:27 "one" is no whole number', '2:27 "1 mile" is no size such as 16MB, 1.5GB or 0', '3:27 min is text, as the command line spells it']
        'parameter-range'     | '@Param(value = "x", min = "a") String s\n@Param(value = "y", min = "2", max = "1") Integer i' || ['1:27 a String has no range', '2:38 nothing is both at least 2 and at most 1']
        'parameter-range'     | '@Param(value = "x", min = "1", max = "1 day") List<Duration> l\n@Param(value = "y", min = "1s", max = "PT24H") Duration d = 2.hours\n@Param(value = "z", max = "2") Integer i = 1 + 1' || ['1:27 "1" is no duration such as 30s, 5min or 30 days']
        'step-value'          | 'step("a") { new Thread() }'                                             || ['1:1 step "a" returns a Thread, which the journal cannot hold']
    }

    def "what an annotation does not know is told: #text"() {
        expect:
        found(text) == [mistake]

        where:
        text                                             || mistake
        '@Param(value = "x", mx = "5") Integer i'        || '1:26 @Param has no "mx"; did you mean "max"?'
        '@Param(help = "x", value = "y") Integer i'      || '1:15 @Param has no "help"'
    }

    def "a type that does not exist hides no other mistake, and is told once"() {
        expect:
        found('@Target Clutser cluster\n@Param("x") String password = "tiger"\nnte cluster.primary.sql\nFoo f = new Foo(1)\nf.bar()\nInteger i = "a"\nstep("a") { }\nstep("a") { }') == [
            '1:9 there is no type "Clutser"',
            '2:31 "password" is written down here [literal-secret]',
            '3:1 there is no word "nte"; did you mean "note"?',
            '4:5 there is no type "Foo"',
            '4:9 there is no type "Foo"',
            '6:13 cannot assign String to a variable of type Integer',
            '8:1 step "a" is there already, in line 7 [step-name-twice]']
    }

    def "what is only advice does not keep a runbook from running in the night"() {
        expect:
        run('step("a") { }\npointOfNoReturn { note "done" }').exit() == Exit.DONE
    }

    def "a probe that would change something does"() {
        when:
        run('@Target Node n\nstep("x") { n.ssh.read("rm", "x").text() }', [:], 'demo/pg1')

        then:
        def problem = thrown(org.pgrunbook.Problem)
        problem.exit() == Exit.USAGE
        problem.fact().contains('[probe-changes]')
    }

    def "a probe whose words only the run knows is refused by the run"() {
        when:
        def result = run('@Target Node n\nstep("x") { n.ssh.read("rm".toString(), "x").text() }', [:], 'demo/pg1')

        then:
        result.exit() == Exit.USAGE
        result.problem().get().fact() == 'a probe runs rm, which removes files'
    }

    def "shipped runbooks break no rule"() {
        expect:
        Library.of(folder, Path.of(System.getProperty('pgrunbook.home'))).all().values().collectMany { new Compiler().check(it) } == []
    }

    def "each number, size and duration that a shipped runbook takes has a range"() {
        expect:
        Library.of(folder, Path.of(System.getProperty('pgrunbook.home'))).all().values().collectMany { source ->
            new Compiler().signature(source).parameters().findAll { it.type() =~ /^(List<)?(Integer|DataSize|Duration)/ && !it.range() }
                .collect { "${source.name()}: ${it.name()}".toString() }
        } == []
    }

    def "the first runbook of docs/writing-runbooks.md breaks no rule"() {
        given:
        def document = new File(System.getProperty('pgrunbook.home'), 'docs/writing-runbooks.md').text

        expect:
        found((document =~ /(?s)```groovy\n(.*?)```/)[0][1]) == []
    }

    def "docs/writing-runbooks.md explains the rule #rule"() {
        expect:
        new File(System.getProperty('pgrunbook.home'), 'docs/writing-runbooks.md').text.contains("\n### ${rule.id()}\n")

        where:
        rule << Rule.values()
    }

    def "the outline tells steps, questions, undo and what changes something"() {
        when:
        def outline = new Compiler().outline(source('''
            @Target Node node
            confirm node, "Stop $node?"
            undo('start it') { node.postmaster.start() }
            step("stop $node") {
                step('really') { pointOfNoReturn { node.postmaster.stop(Postmaster.Stop.FAST, 1.minutes) } }
                node.ssh.read('ls')
            }
            '''))

        then:
        outline.items().collect { [it.kind().name(), it.text(), it.depth(), it.changes()] } == [
            ['CONFIRM', 'Stop …?', 0, []],
            ['UNDO', 'start it', 0, ['start']],
            ['STEP', 'stop …', 0, []],
            ['STEP', 'really', 1, ['stop']],
            ['POINT_OF_NO_RETURN', '', 2, []]]
    }

    private List<String> found(String text) {
        new Compiler().check(source(text)).collect { it.place().replaceFirst('.*groovy:', '') + ' ' + it.message() }
    }
}
