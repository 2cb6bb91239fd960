package org.pgrunbook.diagnosis

import java.nio.file.Files
import java.security.KeyStore
import java.util.concurrent.TimeUnit

/** Sessions and locks: each incident is created by its drill, found by triage and solved by its playbook. */
class SessionIncidentsSpec extends IncidentContract {
    @Override
    List<List> incidents() {
        [['blocking-chain', /3 sessions wait for locks, the longest for .+; in the way is \d+ \(.+ of "import", idle in transaction for /],
         ['lock-queue', /3 sessions have to wait, the longest for .+ because \d+ wants AccessExclusiveLock on pgrunbook_drill and does not get it/],
         ['runaway-query', /1 statement has been running for longer than 1\.0 s, the longest for .+: \d+ of postgres of "report"/],
         ['high-connections', /finding: \d+ of 97 \(8\d %\) are taken, \d+ of them by application "storefront" of user "postgres", idle; 0 sit/],
         // The last one: from then on those that are left alone sit idle in a transaction, too.
         ['idle-in-transaction', /[34] sessions sit idle in a transaction for longer than 1\.0 s/]]
            .collect { incident, finding -> [incident, 'pg1', 'pg1', [], finding] }
    }

    @Override
    void prepare(String incident) {
        switch (incident) {
            case 'runaway-query' -> practice.dumpBegins()
            case 'high-connections' -> practice.dumpEnds()
            case 'idle-in-transaction' -> practice.bystandersBegin()
        }
    }

    @Override
    List<Object> state() {
        [practice.sessions()]
    }

    def "a session in the way that works is cancelled before it is ended, and a session that is protected is neither"() {
        given: 'the root of the chain carries out a statement'
        practice.demo.execute('pg1', 'create table if not exists works (id int)', 'truncate works', 'insert into works values (1)')
        def root = practice.connect('app', 'import')
        def waiter = practice.connect('app', 'web')
        root.autoCommit = false
        root.createStatement().execute('update works set id = 2')
        def working = Thread.startVirtualThread { attempt { root.createStatement().execute('select pg_sleep(600)') } }
        practice.demo.eventually { practice.demo.ask('pg1', "select count(*) from pg_stat_activity where query = 'select pg_sleep(600)'") == 1 }
        def waiting = Thread.startVirtualThread { waiter.createStatement().execute('update works set id = 3') }
        practice.triageNames('blocking-chain')

        when:
        def acted = practice.demo.cli.run('run', 'incident/blocking-chain', 'demo', '-p', 'severity=critical', '--confirm=demo/pg1')

        then: 'what failed in a transaction keeps its locks no longer'
        acted.exit == 0
        working.join(10_000) == null
        waiting.join(10_000) == null
        acted.out =~ /told +\d+/ || acted.out.contains('cancel its statement')

        when: 'the same of a protected application'
        def billing = practice.connect('app', 'billing')
        billing.autoCommit = false
        billing.createStatement().execute('update works set id = 4')
        def again = Thread.startVirtualThread { waiter.createStatement().execute('update works set id = 5') }
        practice.triageNames('blocking-chain')
        def refused = practice.demo.cli.run('run', 'incident/blocking-chain', 'demo', '-p', 'severity=critical', '--confirm=demo/pg1')

        then:
        refused.exit == 3
        refused.err =~ /error: \d+ \(app of "billing", idle in transaction for .+\) is protected/
        again.alive

        cleanup:
        billing?.rollback()
        again?.join()
    }

    def "a severity that does not exist is said to be none, with the ones there are"() {
        when:
        def result = practice.demo.cli.run('run', 'incident/high-connections', 'demo', '-p', 'severity=critcal')

        then:
        result.exit == 2
        result.err.startsWith('error: parameter "severity" is no one of warning, critical but "critcal"\nHINT: Did you mean "critical"?')
    }

    def "a playbook goes by the name that its forerunner had"() {
        expect:
        practice.demo.cli.run('show', 'incident/slow-queries').out.contains('longer than') ||
            practice.demo.cli.run('show', 'incident/slow-queries').out.contains('running for too long')
    }

    def "a drill refuses to break what is not marked for it"() {
        given:
        def text = new File(practice.demo.cli.environment.PGRUNBOOK_INVENTORY).text
        def unmarked = practice.demo.inventory(text.replaceAll(/(?m)^ +tags: .*\n/, ''))

        when:
        def result = unmarked.run('run', "drill/$drill", 'demo')

        then:
        result.exit == 3
        result.err.startsWith('error: node "demo/pg1" is no place to practise\nHINT: Practise in the sandbox: pgrunbook sandbox up.')
        result.err.contains('state: nothing was changed')

        where:
        drill << new File(System.getProperty('pgrunbook.home'), 'runbooks/drill').list().collect { it - '.groovy' }
    }

    def "failed logins are counted from the log by user, host and reason; what was sent as a name is only shown"() {
        given:
        def hostile = 'x"; drop role app; --\u001b[31m'
        30.times { rejected(hostile) }
        3.times { rejected('app') }

        when:
        def named = null
        practice.demo.eventually { named = practice.demo.cli.run('run', 'incident/triage', 'demo').out.readLines().find { it =~ /^warn +failed-logins / } }
        def looked = practice.demo.cli.run('run', 'incident/failed-logins', 'demo')

        then: 'the default log_line_prefix tells no host'
        named.contains('33 logins failed in 1 h, 30 of them of user "x"; drop role app; --?[31m" from somewhere: authentication failed')
        looked.exit == 0
        looked.out =~ /(?m)^app +\? +authentication failed +3 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/
        looked.out.contains("from where they came is not in its log: ALTER SYSTEM SET log_line_prefix = '%m [%p] %q%u@%d %r '")
        !looked.out.contains('\u001b')
        practice.demo.ask('pg1', "select count(*) from pg_roles where rolname = 'app'") == 1

        when:
        practice.demo.execute('pg1', "alter system set log_line_prefix = '%m [%p] %q%u@%d %r '", 'select pg_reload_conf()')
        practice.demo.eventually { practice.demo.ask('pg1', 'show log_line_prefix').contains('%r') }
        2.times { rejected('app') }

        then:
        practice.demo.cli.run('run', 'incident/failed-logins', 'demo').out =~ /(?m)^app +127\.0\.0\.1 +authentication failed +2 /

        cleanup:
        practice.demo.execute('pg1', 'alter system reset log_line_prefix', 'select pg_reload_conf()')
    }

    def "an application whose password was changed is named as long as it tries, and gets in with what it knows"() {
        given:
        def drill = practice.drill('failed-logins')

        when:
        practice.demo.eventually {
            practice.demo.cli.run('run', 'incident/failed-logins', 'demo').out =~ /(?m)^pgrunbook_drill +\? +authentication failed +\d/
        }
        practice.demo.execute('pg1', "alter role pgrunbook_drill password 'of last month'")

        then:
        with(drill.get(60, TimeUnit.SECONDS)) {
            exit == 0
            out.contains('from incident to solution: ')
        }
        practice.demo.ask('pg1', "select count(*) from pg_roles where rolname = 'pgrunbook_drill'") == 0
    }

    def "a certificate that ends is seen as the server shows it, and a renewed one that it has not read as such; so is a password that has ended"() {
        given:
        secure(3)
        def drill = practice.drill('expiring-credentials')
        practice.demo.execute('pg1', 'alter system set ssl = on', "create role long_ago login password 'x' valid until '2001-01-01'", 'select pg_reload_conf()')
        practice.demo.eventually { practice.demo.ask('pg1', 'show ssl') == 'on' }

        when:
        practice.demo.eventually { named('expiring-credentials')?.contains('pgrunbook_drill') }
        def told = named('expiring-credentials')

        then:
        told =~ /pg1 +the certificate that it shows ends in 2 d 23 h; passwords that have ended, or will within two weeks: pgrunbook_drill +pgrunbook run/

        when: 'somebody puts a new one in place'
        secure(300)
        def renewed = practice.demo.cli.run('run', 'incident/expiring-credentials', 'demo')

        then:
        renewed.exit == 0
        renewed.out =~ /pg1 shows CN=pg1, number [0-9a-f]+, valid until .+; its file holds number [0-9a-f]+, valid until /
        renewed.out.contains('its file holds a newer one, which it has not read')
        renewed.out.contains('pg2 does not speak TLS')
        def statement = (renewed.out =~ /ALTER ROLE "pgrunbook_drill" VALID UNTIL 'infinity';/)[0] as String

        when: 'what it names is done'
        practice.demo.execute('pg1', 'select pg_reload_conf()', statement)

        then:
        drill.get(60, TimeUnit.SECONDS).out.contains('from incident to solution: ')
        practice.demo.eventually { named('expiring-credentials') == null }

        cleanup:
        practice.demo.execute('pg1', 'alter system reset ssl', 'drop role if exists long_ago', 'select pg_reload_conf()')
    }

    def "a clock that is off is measured to half of a round trip, by SQL and on the host"() {
        given: 'a server whose clock is 5 s ahead, as far as our role can see'
        def drill = practice.drill('clock-skew')
        practice.demo.eventually { named('clock-skew')?.contains('pg1') }

        when:
        def looked = practice.demo.cli.run('run', 'incident/clock-skew', 'demo', '-p', 'node=pg1')

        then: 'its host is right'
        looked.exit == 0
        looked.out =~ /(?m)^pg1 +(5\.0|4\.9) s ahead, give or take \S+ \S+ +\S+ \S+ (ahead|behind), give or take/
        looked.out =~ /(?m)^warn +clock-skew +pg1 +its clock is (5\.0|4\.9) s ahead, give or take .+ of this machine's/

        when: 'it is set right'
        practice.demo.execute('pg1', 'drop schema pgrunbook_drill cascade')

        then:
        drill.get(60, TimeUnit.SECONDS).out.contains('from incident to solution: ')
        practice.demo.cli.run('run', 'incident/clock-skew', 'demo').out.contains("its clock is not more than 2.0 s from this machine's")
    }

    def "an answer that took long tells little of the clock that gave it"() {
        given:
        def asked = java.time.Instant.parse('2026-01-01T00:00:00Z')

        expect:
        with(Clock.Offset.between(asked, java.time.Duration.ofMillis(took), asked.plusMillis(theirs))) {
            it.ahead().toMillis() == ahead
            it.least().toMillis() == least
        }

        where:
        took | theirs || ahead | least
        0    | 3000   || 3000  | 3000
        1000 | 3500   || 3000  | 2500
        8000 | 1000   || -3000 | 0
        1000 | -2500  || -3000 | 2500
    }

    def "a vacuum against wraparound is nobody's to end: the DDL that waits for it gives way, and who only waits for it is told so"() {
        given: 'one that takes its time, for autovacuum is told to be gentle'
        practice.demo.execute('pg1', "alter system set autovacuum_naptime = '1s'", 'select pg_reload_conf()',
            'create table aged (id int) with (autovacuum_freeze_max_age = 100000, autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)',
            'insert into aged select generate_series(1, 400000)', 'set synchronous_commit = off',
            'do $$ begin for i in 1 .. 100001 loop perform pg_current_xact_id(); commit; end loop; end $$')
        practice.demo.eventually { vacuum() != null }
        def before = vacuum()
        def migration = practice.connect('app', 'migration')
        def altered = Thread.startVirtualThread { attempt { migration.createStatement().execute('alter table aged add column name text') } }
        practice.demo.eventually { practice.demo.ask('pg1', "select count(*) from pg_locks where relation = 'aged'::regclass and not granted") == 1 }
        def reader = practice.connect('app', 'web')
        def read = Thread.startVirtualThread { reader.createStatement().execute('select count(*) from aged') }
        practice.demo.eventually { named('lock-queue') != null }

        when:
        def chain = practice.demo.cli.run('run', 'incident/blocking-chain', 'demo', '-p', 'severity=critical', '--confirm=demo/pg1')

        then:
        chain.exit == 3
        chain.err.startsWith('error: ')
        vacuum() == before

        when:
        practice.solve('lock-queue')

        then: 'the reader goes on, and so does the vacuum'
        altered.join(java.time.Duration.ofSeconds(60))
        read.join(java.time.Duration.ofSeconds(60))
        vacuum() == before

        cleanup:
        practice.demo.execute('pg1', 'alter system reset autovacuum_naptime', 'select pg_reload_conf()',
            "select pg_terminate_backend(pid, 60000) from pg_stat_activity where backend_type = 'autovacuum worker'", 'drop table if exists aged')
    }

    private vacuum() {
        practice.demo.ask('pg1', "select pid || ' ' || backend_start from pg_stat_activity where backend_type = 'autovacuum worker' and query like '%aged (to prevent wraparound)'")
    }

    private void rejected(String user) {
        attempt { java.sql.DriverManager.getConnection("jdbc:postgresql://127.0.0.1:${practice.demo.port('pg1')}/postgres", user, 'wrong').close() }
    }

    private String named(String incident) {
        practice.demo.cli.run('run', 'incident/triage', 'demo').out.readLines().find { it =~ "^(crit|warn) +$incident " }
    }

    /** A key and a certificate, for so many days, where the server looks for them. */
    private void secure(int days) {
        def store = Files.createTempDirectory('keys').resolve('store.p12')
        def keytool = "${System.getProperty('java.home')}/bin/keytool"
        def made = [keytool, '-genkeypair', '-alias', 'server', '-keyalg', 'EC', '-dname', 'CN=pg1', '-validity', days, '-storetype', 'PKCS12',
                    '-keystore', store, '-storepass', 'only-here']*.toString().execute()
        assert made.waitFor() == 0
        def keys = KeyStore.getInstance(store.toFile(), 'only-here'.toCharArray())
        [key: pem('PRIVATE KEY', keys.getKey('server', 'only-here'.toCharArray()).encoded), crt: pem('CERTIFICATE', keys.getCertificate('server').encoded)].each { suffix, text ->
            // By the server's user, whose key it has to be.
            practice.demo.sh('pg1', "umask 077 && printf '%s' \"\$PEM\" > data/server.$suffix", [PEM: text])
        }
    }

    private static String pem(String label, byte[] der) {
        "-----BEGIN $label-----\n${Base64.getMimeEncoder(64, '\n'.bytes).encodeToString(der)}\n-----END $label-----\n"
    }

    private static void attempt(Closure<?> what) {
        try {
            what()
        } catch (java.sql.SQLException ignored) {
            // It was cancelled, which is what was wanted.
        }
    }
}
