package org.pgrunbook.inventory

import java.nio.file.Files
import java.time.Duration
import org.pgrunbook.Exit
import org.pgrunbook.Problem
import org.pgrunbook.Secrets
import org.pgrunbook.inventory.SecretReference.Kind

class InventorySecretsSpec extends InventorySpecification {
    def secrets = new Secrets()

    SecretReference reference(Kind kind, Object argument) {
        new SecretReference(kind, argument.toString(), 'main.yml:3:5')
    }

    def "a secret is read from #kind, without its line end, and registered"() {
        given:
        write('pg', ' hunter2 \n')
        def argument = where.replace('FOLDER', folder.toString())

        expect:
        reference(kind, argument).resolve(secrets) == value
        secrets.redact("<$value>") == '<[secret]>'

        where:
        kind      | where                     || value
        Kind.FILE | 'FOLDER/pg'               || ' hunter2 '
        Kind.ENV  | 'PATH'                    || System.getenv('PATH')
        Kind.EXEC | 'cat FOLDER/pg'           || ' hunter2 '
        Kind.EXEC | 'echo hunter3; echo x >&2'|| 'hunter3'
    }

    def "the path of a secret's file is taken from the folder of the inventory"() {
        given:
        write('pg', 'hunter2\r\n')

        expect:
        node(readNode('sql: { password: { file: pg } }')).sql().password().get().resolve(secrets) == 'hunter2'
    }

    def "a file that others may read is no error: that is the operator's own business"() {
        given:
        write('pg', 'hunter2').toFile().setReadable(true, false)

        expect:
        reference(Kind.FILE, folder.resolve('pg')).resolve(secrets) == 'hunter2'
    }

    def "a secret that cannot be had is told with the place of its reference: #fact"() {
        given:
        write('empty', '\n')

        when:
        reference(kind, argument.replace('FOLDER', folder.toString())).resolve(secrets, Duration.ofSeconds(5))

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.USAGE
        problem.where().get() == 'main.yml:3:5'
        relative(problem.fact()).replace(folder.toString(), 'FOLDER') == fact

        where:
        kind      | argument                       || fact
        Kind.FILE | 'FOLDER/gone'                  || 'secret file "gone" does not exist'
        Kind.FILE | 'FOLDER'                       || 'secret file "FOLDER" cannot be read'
        Kind.FILE | 'FOLDER/empty'                 || 'secret file: empty is empty'
        Kind.ENV  | 'PGRUNBOOK_NOT_SET'            || 'environment variable "PGRUNBOOK_NOT_SET" is not set'
        Kind.EXEC | 'true'                         || 'secret exec: true is empty'
        Kind.EXEC | 'exit 3'                       || 'secret command "exit 3" failed with exit status 3'
        Kind.EXEC | 'echo locked >&2; exit 2'      || 'secret command "echo locked >&2; exit 2" failed with exit status 2: locked'
    }

    def "what a failing command printed is never told"() {
        given:
        write('pg', 'hunter2\n')

        when:
        reference(Kind.EXEC, "cat $folder/pg; echo sorry >&2; exit 1").resolve(secrets)

        then:
        def problem = thrown(Problem)
        everything(problem).contains('sorry')
        !everything(problem).contains('hunter2')
    }

    def "a command that does not end is ended: #command"() {
        when:
        reference(Kind.EXEC, command).resolve(secrets, Duration.ofMillis(200))

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.USAGE
        problem.fact() == "secret command \"$command\" did not end within 200 ms"

        where:
        command << ['sleep 600', 'sleep 600; true']
    }

    def "a command that asks gets no answer"() {
        when:
        reference(Kind.EXEC, 'read answer').resolve(secrets)

        then:
        def problem = thrown(Problem)
        problem.fact() == 'secret command "read answer" failed with exit status 1'
    }

    def "a reference shows where the secret is, never the secret"() {
        given:
        write('pg', 'hunter2')

        when:
        def inventory = readNode('sql: { password: { file: pg } }')
        node(inventory).sql().password().get().resolve(secrets)

        then:
        !inventory.toString().contains('hunter2')
        relative(inventory.settings().find { it.path().endsWith('password') }.value()) == 'file: pg'
    }
}
