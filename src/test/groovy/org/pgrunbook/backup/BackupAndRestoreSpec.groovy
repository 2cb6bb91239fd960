package org.pgrunbook.backup

import org.pgrunbook.fixtures.DemoSandbox
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification

class BackupAndRestoreSpec extends Specification {
    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(18)

    def "rows deleted by accident are there again on the spare, as of just before"() {
        given:
        demo.execute('pg1', 'create table t as select generate_series(1, 1000) as id')

        expect:
        demo.cli.run('run', 'backup/base-backup', 'demo').exit == 0

        when:
        demo.execute('pg1', 'insert into t values (1001)')
        def before = demo.ask('pg1', "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
        demo.execute('pg1', 'delete from t', 'select pg_switch_wal()')
        def shipped = demo.cli.run('run', 'backup/ship-wal', 'demo')
        def restored = demo.cli.run('run', 'restore/point-in-time', 'demo', '-p', 'onto=pg4', '-p', "time=$before")

        then:
        shipped.exit == 0
        restored.exit == 0
        demo.ask('pg4', 'select count(*) from t') == 1001
        demo.ask('pg4', 'select pg_is_in_recovery()') == false
        demo.ask('pg1', 'select count(*) from t') == 0
    }
}
