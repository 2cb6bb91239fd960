package org.pgrunbook.ssh

import org.pgrunbook.Exit
import org.pgrunbook.Problem
import spock.lang.Specification

class DestructiveCommandsSpec extends Specification {
    def "#argv is no probe: it runs #what"() {
        expect:
        DestructiveCommands.violation(argv).get() == "a probe runs $what"

        where:
        argv                                           || what
        ['rm', '-rf', '/x']                            || 'rm, which removes files'
        ['/bin/rm', 'x']                               || 'rm, which removes files'
        ['sudo', '-n', 'rm', 'x']                      || 'rm, which removes files'
        ['env', 'A=1', 'mv', 'a', 'b']                 || 'mv, which moves files'
        ['dd', 'if=/dev/zero', 'of=/dev/sda']          || 'dd, which writes a file'
        ['kill', '-9', '1']                            || 'kill, which sends a signal'
        ['truncate', '-s0', 'x']                       || 'truncate, which writes files'
        ['systemctl', 'stop', 'postgresql']            || 'systemctl, which starts or stops services'
        ['pg_ctl', 'stop', '-D', '/x']                 || 'pg_ctl, which starts or stops a server'
        ['find', '/x', '-delete']                      || 'find, which removes what it finds'
        ['find', '/x', '-exec', 'rm', '{}', ';']       || 'rm, which removes files'
        ['sed', '-i', 's/a/b/', 'x']                   || 'sed, which edits files in place'
        ['sh', '-c', 'ls; rm x']                       || 'rm, which removes files'
        ['bash', '-c', 'echo x > /etc/passwd']         || 'a redirection into a file'
    }

    def "#argv is a probe"() {
        expect:
        DestructiveCommands.violation(argv) == Optional.empty()

        where:
        argv << [
            ['ls', 'rm'], ['dd', 'if=/dev/sda', 'count=1'], ['kill', '-0', '1'], ['kill', '-s', '0', '1'],
            ['systemctl', 'is-active', 'postgresql'], ['systemctl', 'status', 'x'], ['pg_ctl', 'status'], ['find', '/x', '-name', 'y'],
            ['sed', '-n', '1p', 'x'], ['cat', '>'], ['grep', 'rm -rf', 'x'], []]
    }

    def "the script '#script' runs #what"() {
        expect:
        DestructiveCommands.scriptViolation(script) == (what ? Optional.of("a probe runs $what".toString()) : Optional.empty())

        where:
        script                                        || what
        'test -e x && rm x'                           || 'rm, which removes files'
        'if true; then mv a b; fi'                    || 'mv, which moves files'
        'x=$(rm y)'                                   || 'rm, which removes files'
        'LC_ALL=C touch x'                            || 'touch, which writes files'
        'echo a >b'                                   || 'a redirection into a file'
        'echo a >> b'                                 || 'a redirection into a file'
        'echo a 2>b'                                  || 'a redirection into a file'
        'echo a 2>/dev/null >&2 3>&-'                 || null
        'command -v rm >/dev/null'                    || null
        'awk "\\$1 > 5 { print }" x'                  || null
        "printf 'rm; > x\\n' | grep rm"               || null
        'exec 3>&1; [ -e "$1" ] || cat "$1"'          || null
        'for f in *; do ls -l "$f"; done'             || null
    }

    def "a probe that is none cannot even be made"() {
        when:
        make()

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.USAGE
        problem.fact() == 'a probe runs rm, which removes files'
        problem.hints() == ['A probe changes nothing; use ssh.run or Command.change for a change.']

        where:
        make << [{ Command.probe('rm', 'x') }, { Command.probeScript('rm x') }]
    }
}
