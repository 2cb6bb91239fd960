package org.pgrunbook.backup

import org.pgrunbook.fixtures.DemoSandbox
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.util.concurrent.PollingConditions

/** RESTORE.md is followed to the letter, with nothing else at hand. */
class RestoreByHandSpec extends Specification {
    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(17)
    @Shared File repository = demo.folder.resolve('repository').toFile()

    def "the commands of RESTORE.md alone bring the rows back #what"() {
        given: "a repository that is a directory, whose files are simply there"
        repository.mkdir()
        def inventory = demo.folder.resolve('directory.yml')
        inventory.toFile().text = demo.sandbox.inventory().toFile().text
            .replaceFirst(/(?s)    s3:.*?\n\n/, "    directory: $repository\n\n")
        demo.cli.environment.PGRUNBOOK_INVENTORY = inventory.toString()
        ['pg2', 'pg3'].each { demo.sandbox.kill(it) }

        and: "a backup, a time after it, and a change after that"
        demo.sh('pg1', 'mkdir -p spaces/fast')
        demo.execute('pg1',
            'drop table if exists rows, in_space', 'drop tablespace if exists fast',
            "create tablespace fast location '${demo.home('pg1')}/spaces/fast'",
            'create table in_space tablespace fast as select id from generate_series(1, 100) id',
            'create table rows as select id from generate_series(1, 1000) id')
        assert demo.cli.run('run', 'backup/base-backup', 'demo').exit == 0
        demo.execute('pg1', 'insert into rows values (1001)')
        def time = demo.now()
        demo.execute('pg1', 'delete from rows where id > 500')
        demo.ship()
        new ProcessBuilder('chmod', '-R', 'a+rX', repository.path).start().waitFor()

        when:
        def all = []
        repository.eachFileRecurse { if (it.name == 'RESTORE.md') { all << it } }
        def instructions = all.sort().last() as File
        def script = (instructions.text =~ /(?ms)^```sh\n(.*?)^```/).collect { it[1] }.join('\n')
        def oid = demo.ask('pg1', "select oid::text from pg_tablespace where spcname = 'fast'")
        def told = [
            backup                 : instructions.parent,
            wal                    : "${instructions.parentFile.parentFile.parent}/wal",
            data                   : "${demo.home('pg4')}/by hand",
            ("tablespace_$oid".toString()): "${demo.home('pg4')}/fast",
            port                   : demo.sandbox.status().nodes().last().sqlPort(),
            target                 : target == 'time' ? "recovery_target_time = '${time.replace('T', ' ').replace('Z', '+00')}'" : '']
        told.each { name, value ->
            def set = script.replaceFirst(/(?m)^$name=.*$/, java.util.regex.Matcher.quoteReplacement("$name=\"$value\""))
            assert set != script || name == 'target'
            script = set
        }
        demo.sh('pg4', script.stripTrailing() + ' || { cat "$data".log; exit 1; }')

        then:
        new PollingConditions(timeout: 60).eventually {
            assert demo.ask('pg4', 'select pg_is_in_recovery()') == false
        }
        demo.ask('pg4', 'select count(*) from rows') == rows
        demo.ask('pg4', 'select count(*) from in_space') == 100
        demo.ask('pg4', "select current_setting('archive_mode')") == 'off'

        cleanup:
        demo.sandbox.kill('pg4')
        demo.sh('pg4', 'pg_ctl stop -m immediate -D "by hand"; rm -rf "by hand"* fast')

        where:
        what            | target || rows
        'at the end'    | ''     || 500
        'as of a time'  | 'time' || 1001
    }
}
