package org.pgrunbook.ssh

import org.pgrunbook.Exit
import org.pgrunbook.Problem
import spock.lang.Specification

class ShellSpec extends Specification {

    def "#shell reads #arguments as they were meant"() {
        given:
        def line = 'printf "%s\\0" ' + Shell.quote(arguments)

        when:
        def output = new ProcessBuilder(shell, '-c', line).start().inputStream.text

        then:
        output == arguments.collect { it + '\0' }.join('')

        where:
        [shell, arguments] << [['sh', 'bash'], [
            ['plain'], ['two words'], [''], ['a', '', 'b'], ["it's"], ["''"], ['"'], ['$HOME', '`id`', '$(id)'], ['\\', '\\n'],
            ['*', '?', '[a]', '{a,b}'], ['a;b', 'a|b', 'a&b', '<', '>'], ['line\nfeed\n'], ['\ttab'], ['~', '~root'], ['#'],
            ['!'], ['-n', '--'], ['=ls', 'a=b'], ['ünïcode 漢字']
        ]].combinations()
    }

    def "plain words stay legible"() {
        expect:
        Shell.quote(['df', '-P', '/var/lib/postgresql/15/main', '--block-size=1k']) ==
            'df -P /var/lib/postgresql/15/main --block-size=1k'
    }

    def "an argument with a NUL is refused"() {
        when:
        Shell.quote(['a\0b'])

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.USAGE
    }

    def "#line is split as #shell would, with nothing to expand"() {
        expect:
        new ProcessBuilder(shell, '-c', "printf '%s\\0' " + line).start().inputStream.text == Shell.words(line).collect { it + '\0' }.join('')

        where:
        [shell, line] << [['sh', 'bash'], [
            'uptime', '  df  -P\t/var ', "echo 'two words' \"and two\"", "a'b'\"c\"d", "'' \"\"", "it\\'s", '"a \\"quoted\\" \\$HOME \\x"',
            "'\$HOME | \\'", 'a=b -o x,y {} !', 'a~b c#d', '"~" \\#', "'line\nfeed'"]].combinations()
    }

    def "a command that asks for a shell is refused: #line"() {
        when:
        Shell.words(line)

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.USAGE
        problem.fact() == fact

        where:
        line              || fact
        'ps aux | wc -l'  || 'the command has "|", which only a shell would understand'
        'echo "$HOME"'    || 'the command has "$", which only a shell would understand'
        'ls *.conf'       || 'the command has "*", which only a shell would understand'
        'cd ~'            || 'the command has "~", which only a shell would understand'
        'true\nfalse'     || 'the command has a line feed, which only a shell would understand'
        "echo 'it"        || 'the command has a quote that does not end'
        'echo \\'         || 'the command ends with a backslash'
        '  '              || 'the command is empty'
    }
}
