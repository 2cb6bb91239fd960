package org.pgrunbook.diagnosis

import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.sandbox.Visitor
import spock.lang.Specification
import spock.util.concurrent.PollingConditions

import java.nio.file.Path
import java.sql.Connection
import java.sql.DriverManager
import java.sql.SQLException

class HighConnectionsSpec extends Specification {
    DemoSandbox demo
    List<Connection> open = []

    def cleanup() {
        open*.close()
        demo?.close()
    }

    def "on #major warning only looks, and critical ends those it should, while no connection is left for anybody else"() {
        given: 'a server whose connections are all taken'
        demo = DemoSandbox.up(major)
        inventory('idle: 1ms', 'idleInTransaction: 1ms')
        demo.execute('pg1', "create role app login password 'secret'", "create role audit login password 'secret'")
        def shop = connect(60, 'app', 'shop')
        def stuck = connect(5, 'app', 'shop').each { begin(it) }
        def busy = connect(1, 'app', 'shop').each { begin(it) }.first()
        def reports = connect(3, 'app', 'reports')
        def nameless = connect(2, 'app', '')
        def protectedApplication = connect(2, 'app', 'billing').each { begin(it) }
        def protectedUser = connect(2, 'audit', 'shop').each { begin(it) }
        def backup = connect(1, 'app', 'pgBackRest [backup]')
        def standbys = demo.ask('pg1', "select array_agg(pid order by pid)::text from pg_stat_replication")
        connect(97 - open.size(), 'app', 'shop')
        Thread.start { attempt { busy.createStatement().execute('select pg_sleep(600)') } }
        waitUntilActive(busy)

        expect: 'nobody else gets in'
        refused('app')

        when:
        def before = backends()
        def looked = demo.cli.run('run', 'incident/high-connections', 'demo')

        then: 'the answer names who it is and what to do, and nothing has changed'
        looked.exit == 0
        looked.out =~ /app +shop +127\.0\.0\.1 +idle +\d+/
        looked.out.contains('5 sit idle in a transaction for longer than 1 ms')
        looked.out.contains('ALTER ROLE app CONNECTION LIMIT n;')
        looked.out.contains("ALTER ROLE app SET idle_session_timeout = '1h';")
        looked.out.contains('-p severity=critical')
        backends() == before

        when: 'nobody agrees'
        def unconfirmed = demo.cli.run('run', 'incident/high-connections', 'demo', '-p', 'severity=critical', '--yes')

        then:
        unconfirmed.exit == 3
        unconfirmed.err.contains('--confirm=demo/pg1')
        backends() == before

        when:
        def acted = demo.cli.run('run', 'incident/high-connections', 'demo', '-p', 'severity=critical', '--confirm=demo/pg1')

        then: 'a fifth of the connections is free'
        acted.exit == 0
        stuck.every { !it.isValid(1) }
        demo.ask('pg1', "select count(*) from pg_stat_activity where backend_type = 'client backend' and usename = 'app'") < 0.8 * 97
        !refused('app')

        and: 'the longest idle went first, and no more than it took'
        def left = shop.collect { it.isValid(1) }
        left == left.sort(false)
        left.any { it }

        and: 'nobody else was touched'
        (reports + nameless + protectedApplication + protectedUser + backup + [busy]).every { pid(it) in pids() }
        demo.ask('pg1', "select array_agg(pid order by pid)::text from pg_stat_replication") == standbys

        where:
        major << [15, 18]
    }

    def "the advice fits the finding, thresholds are parameters, and nothing freed is no success"() {
        given: 'the most are a superuser\'s, which sit idle in a transaction'
        demo = DemoSandbox.up(17)
        inventory('connections: 5', 'idleInTransaction: 5min')
        demo.execute('pg1', "create role app login superuser password 'secret'")
        connect(20, 'app', 'big shop').each { begin(it) }
        connect(2, 'app', 'big shop')

        when:
        def looked = demo.cli.run('run', 'incident/high-connections', 'demo', '-p', 'idleInTransaction=PT0.001S', '-p', 'idle=PT0.001S')

        then:
        looked.exit == 0
        looked.out.contains('20 sit idle in a transaction for longer than 1 ms, 2 of application "big shop" are idle for longer than 1 ms')
        looked.out.contains("ALTER ROLE app SET idle_in_transaction_session_timeout = '5min';")
        !looked.out.contains('CONNECTION LIMIT n')
        looked.out.contains('give the application a role that is no superuser')
        looked.out.contains("-p severity=critical -p idle=PT0.001S -p idleInTransaction=PT0.001S -p application='big shop'")

        when: 'by the usual thresholds nothing has been idle for long enough'
        def nothing = demo.cli.run('run', 'incident/high-connections', 'demo', '-p', 'severity=critical', '--confirm=demo/pg1')

        then: 'it says so, after it has shown what else could be done'
        nothing.exit == 3
        nothing.err.contains('error: no session may be ended: each works, is protected, or has not been idle for long enough')
        nothing.out.contains('raise max_connections')
    }

    def "a server whose last reserved connection is taken is looked at from its host"() {
        given:
        demo = DemoSandbox.up(18)
        inventory('idle: 1ms')
        demo.execute('pg1', "create role app login superuser password 'secret'")
        def stuck = connect(1, 'app', 'shop').each { begin(it) }.first()
        connect(99, 'app', 'shop')

        expect:
        refused('app')

        when:
        def looked = demo.cli.run('run', 'incident/high-connections', 'demo')
        def acted = demo.cli.run('run', 'incident/high-connections', 'demo', '-p', 'severity=critical', '--confirm=demo/pg1')

        then:
        looked.exit == 0
        looked.out.contains('warning: no connection is left for us: ')
        looked.out =~ /app +postgres +127\.0\.0\.1 +idle +99 +\d/
        acted.exit == 3
        acted.err.contains('error: pg1 lets nobody in, so nobody can tell which sessions may be ended')

        when: 'one is ended as was advised'
        def advised = (looked.out =~ /kill -TERM (\d+)/)[0][1] as int
        def held = pid(stuck)
        demo.sh('pg1', "kill -TERM $advised")
        demo.eventually { !refused('app') }

        then: 'it was the one that held more than a connection, and now there is room'
        advised == held
        demo.cli.run('run', 'incident/high-connections', 'demo').out.contains("100 of 97")
    }

    def "a role that lacks a privilege is told which"() {
        given:
        demo = DemoSandbox.up(16)
        inventory('connections: 1', 'idle: 1ms')
        demo.execute('pg1', "create role app login password 'secret'", "create role looker login password 'secret'")
        connect(3, 'app', 'shop')
        login('looker', 'secret')

        when:
        def blind = demo.cli.run('run', 'incident/high-connections', 'demo')

        then:
        blind.exit == 3
        blind.err.contains('error: role "looker" must not see what other sessions do\nHINT: Allow it: GRANT pg_monitor TO "looker";')

        when:
        demo.execute('pg1', 'grant pg_monitor to looker')
        def seeing = demo.cli.run('run', 'incident/high-connections', 'demo')
        def bound = demo.cli.run('run', 'incident/high-connections', 'demo', '-p', 'severity=critical', '--confirm=demo/pg1')

        then:
        seeing.exit == 0
        bound.exit == 3
        bound.err.contains('HINT: Allow it: GRANT pg_signal_backend TO "looker";')

        when:
        demo.execute('pg1', 'grant pg_signal_backend to looker')
        def allowed = demo.cli.run('run', 'incident/high-connections', 'demo', '-p', 'severity=critical', '--confirm=demo/pg1')

        then:
        allowed.exit == 0

        when: 'not even one connection is left for us'
        open.removeAll { it.close(); true }
        connect(97, 'app', 'shop')
        def late = demo.cli.run('run', 'incident/high-connections', 'demo')

        then:
        late.exit == 0
        late.out.contains('remaining connection slots are reserved')
        late.out.contains('pg_use_reserved_connections')

        when: 'reserved ones are for those who were granted them'
        demo.execute('pg1', 'alter system set reserved_connections = 4', 'grant pg_use_reserved_connections to looker')
        open.removeAll { it.close(); true }
        restart()
        connect(93, 'app', 'shop')
        def reserved = demo.cli.run('run', 'incident/high-connections', 'demo')

        then:
        refused('app')
        reserved.exit == 0
        reserved.out =~ /9[34] of 93 /
    }

    private void inventory(String... thresholds) {
        def file = demo.folder.resolve('inventory.yml').toFile()
        file.text = Path.of(demo.cli.environment.PGRUNBOOK_INVENTORY).toFile().text.replaceFirst(
            /(?m)^( +)thresholds: .*$/,
            '$1protected: { users: [audit], applications: [billing] }\n$1thresholds: { ' + thresholds.join(', ') + ' }')
        demo.cli.environment.PGRUNBOOK_INVENTORY = file.path
    }

    private void login(String user, String password) {
        def file = new File(demo.cli.environment.PGRUNBOOK_INVENTORY)
        def secret = demo.folder.resolve('password').toFile()
        secret.text = password
        file.text = file.text.replaceFirst('(?s)user: postgres\n( +)database: postgres(.*?)password: \\{ file: [^}]+\\}',
            "user: $user\n\$1database: postgres\$2password: { file: $secret }")
    }

    private List<Connection> connect(int count, String user, String application) {
        def opened = (0..<count).collect {
            DriverManager.getConnection("${url()}?ApplicationName=${URLEncoder.encode(application, 'UTF-8')}", user, 'secret')
        }
        open.addAll(opened)
        opened
    }

    private static void begin(Connection connection) {
        connection.autoCommit = false
        connection.createStatement().execute('select 1')
    }

    /** The SQLSTATE of the failure; null if there is none. */
    private static String attempt(Closure<?> what) {
        try {
            what()
            null
        } catch (SQLException e) {
            e.SQLState
        }
    }

    private boolean refused(String user) {
        attempt { DriverManager.getConnection(url(), user, 'secret').close() } == '53300'
    }

    private String url() {
        "jdbc:postgresql://127.0.0.1:${demo.sandbox.status().nodes().find { it.name() == 'pg1' }.sqlPort()}/postgres"
    }

    private static int pid(Connection connection) {
        connection.unwrap(org.postgresql.jdbc.PgConnection).backendPID
    }

    private List<Integer> pids() {
        backends()*.tokenize('/')*.first()*.toInteger()
    }

    private List<String> backends() {
        def all = demo.ask('pg1', "select array_agg(pid || '/' || backend_start || '/' || usename || '/' || application_name order by pid) " +
            "from pg_stat_activity where backend_type in ('client backend', 'walsender') and pid <> pg_backend_pid()")
        (all.array as List<String>).findAll { !it.contains('pgrunbook/') }
    }

    private void waitUntilActive(Connection busy) {
        new PollingConditions(timeout: 60).eventually {
            assert demo.ask('pg1', "select state from pg_stat_activity where pid = ${pid(busy)}") == 'active'
        }
    }

    private void restart() {
        new Visitor(demo.folder.resolve('sandbox'), demo.sandbox.status())
            .told('pg1', 'pg_ctl restart --pgdata=data --log=postgresql.log --wait --silent')
    }
}
