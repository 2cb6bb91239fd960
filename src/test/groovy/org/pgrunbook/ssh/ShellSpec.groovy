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
}
