package org.pgrunbook.inventory

import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import org.pgrunbook.Exit
import org.pgrunbook.Problem
import org.pgrunbook.inventory.NodeSpec.Role
import org.pgrunbook.inventory.RepositorySpec.Directory
import org.pgrunbook.inventory.RepositorySpec.S3

class InventoryReaderSpec extends InventorySpecification {
    static final EXAMPLE = '''\
        defaults:
          ssh: { user: postgres, identity: ~/.ssh/id_ed25519 }     # ~/.ssh/config, agent, known_hosts and ProxyJump are honoured
          sql: { user: postgres, database: postgres, sslmode: verify-full, password: { file: /run/secrets/pg } }
        repositories:
          main: { s3: { bucket: acme-pg, prefix: prod, region: eu-central-1 }, retention: { full: 4, window: 30 days } }
        clusters:
          orders:
            repository: main
            nodes:
              pg1: { host: 10.0.1.10, role: primary, data: /var/lib/postgresql/15/main, service: postgresql@15-main }
              pg2: { host: 10.0.1.11, role: standby, priority: 10 }
              pg3: { host: 10.0.1.12, role: standby, failover: never }
            poolers: [ { pgbouncer: { host: 10.0.1.20, port: 6432 } } ]
        '''.stripIndent()

    static none = Optional.empty()

    def "the example of the design is read"() {
        when:
        def orders = read(EXAMPLE).cluster('orders')
        def pg1 = orders.node('pg1')

        then:
        orders.nodes().keySet() as List == ['pg1', 'pg2', 'pg3']
        orders.repository().get() == new RepositorySpec('main',
            new S3('acme-pg', 'prod', Optional.of('eu-central-1'), none, false, none, none, none),
            Optional.of(4), Optional.of(Duration.ofDays(30)), 'zstd')
        orders.poolers() == [new ClusterSpec.Pooler('10.0.1.20', 6432, 'pgbouncer', none, '/etc/pgbouncer/pgbouncer.ini',
            new SshSettings('10.0.1.20', none, Optional.of('postgres'), pg1.ssh().identity(), none, none, false))]
        pg1.fullName() == 'orders/pg1'
        pg1.host() == '10.0.1.10'
        pg1.role() == Role.PRIMARY
        pg1.data().get() == '/var/lib/postgresql/15/main'
        pg1.service().get() == 'postgresql@15-main'
        pg1.control() == new Control.Systemd()
        pg1.ssh() == new SshSettings('10.0.1.10', none, Optional.of('postgres'),
            Optional.of(Path.of(System.getProperty('user.home'), '.ssh/id_ed25519')), none, none, false)
        pg1.sql().with { [host(), port(), user(), database(), sslmode(), viaSsh()] } ==
            ['10.0.1.10', 5432, 'postgres', 'postgres', 'verify-full', false]
        pg1.sql().password().get().toString() == 'file: /run/secrets/pg'
        orders.node('pg2').priority() == 10
        orders.node('pg2').failover()
        orders.node('pg2').control() == new Control.PgCtl()
        !orders.node('pg3').failover()
    }

    def "the shipped example is read, though its secrets are not there"() {
        when:
        def inventory = InventoryReader.read(Path.of(System.getProperty('pgrunbook.home'), 'inventory/examples'))

        then:
        inventory.clusters().keySet() as List == ['orders', 'billing']
    }

    def "control #line means #control"() {
        expect:
        node(readNode(line)).control() == control

        where:
        line                                                           || control
        'tags: []'                                                     || new Control.PgCtl()
        'service: pg15'                                                || new Control.Systemd()
        'control: { commands: { start: a, stop: b, restart: c } }'     || new Control.Commands('a', 'b', 'c')
        'service: pg15\n        control: pg_ctl'                       || new Control.PgCtl()
        'service: postgresql@15-main\n        control: pg_ctlcluster'  || new Control.PgCtlcluster()
    }

    def "a path of this machine is taken from the folder of the file, and ~ is the home folder"() {
        expect:
        node(readNode("ssh: { identity: $written }")).ssh().identity().get() ==
            folder.resolve(meant.replace('HOME', System.getProperty('user.home'))).normalize()

        where:
        written      || meant
        'keys/id'    || 'keys/id'
        '../id'      || '../id'
        '~/.ssh/id'  || 'HOME/.ssh/id'
        '/etc/id'    || '/etc/id'
    }

    def "scalars are what is written, whatever YAML would make of them"() {
        expect:
        node(readNode("tags: [no, 012, 22:22, 1.10, 2026-01-01]")).tags() == ['no', '012', '22:22', '1.10', '2026-01-01']
    }

    def "a repository may be a directory, and other values than the defaults are read"() {
        when:
        def inventory = read('''\
            repositories:
              nfs: { directory: backups, compression: gzip }
              minio:
                s3: { bucket: b, prefix: /a/b/, endpoint: "http://127.0.0.1:9000", pathStyle: true,
                      accessKey: { env: KEY }, secretKey: { exec: pass show s3 } }
            clusters:
              orders:
                spool: /var/spool/wal
                protected: { users: [etl], applications: [pg_dump] }
                thresholds: { lag: 16MB, connections: 80 }
                nodes: { pg1: { host: h, role: spare, bin: /opt/pg/bin, tags: [eu] } }
            '''.stripIndent())
        def orders = inventory.cluster('orders')

        then:
        inventory.repositories().nfs.place() == new Directory(folder.resolve('backups'))
        inventory.repositories().nfs.compression() == 'gzip'
        inventory.repositories().minio.place().prefix() == 'a/b'
        inventory.repositories().minio.place().pathStyle()
        inventory.repositories().minio.place().secretKey().get().toString() == 'exec: pass show s3'
        orders.spool().get() == '/var/spool/wal'
        orders.protection() == new ClusterSpec.Protection(['etl'], ['pg_dump'])
        orders.thresholds() == [lag: '16MB', connections: '80']
        orders.place().endsWith('main.yml:7:3')
        orders.repository().empty
    }

    def "the files of a folder are one inventory, in the order of their names"() {
        given:
        write('20-billing.yml', 'clusters: { billing: { repository: main, nodes: { a: { host: h, role: primary } } } }')
        write('10-orders.yml', 'clusters: { orders: { nodes: { a: { host: h, role: primary } } } }')
        write('00-common.yml', 'defaults: { sql: { port: 6000 } }\nrepositories: { main: { directory: /b } }')
        write('notes.txt', 'not read')
        write('.#10-orders.yml', 'not read')
        write('empty.yml', '# nothing yet\n')

        when:
        def inventory = InventoryReader.read(folder)

        then:
        inventory.clusters().keySet() as List == ['orders', 'billing']
        inventory.files()*.fileName*.toString() == ['00-common.yml', '10-orders.yml', '20-billing.yml', 'empty.yml']
        inventory.cluster('billing').node('a').sql().port() == 6000
    }

    def "anchors and aliases are YAML's own and may be used"() {
        when:
        def orders = read('''\
            clusters:
              orders:
                nodes:
                  pg1: { host: a, role: primary, ssh: &login { user: dba } }
                  pg2: { host: b, role: standby, ssh: *login }
            '''.stripIndent()).cluster('orders')

        then:
        orders.nodes().values()*.ssh()*.user()*.get() == ['dba', 'dba']
    }

    def "the digest changes with the files and with nothing else"() {
        given:
        def first = read(EXAMPLE).digest()

        expect:
        first ==~ /[0-9a-f]{64}/
        read(EXAMPLE).digest() == first
        read(EXAMPLE + '# more').digest() != first
    }

    def "the inventory is what -i names, else the variable, else the folder inventory"() {
        given:
        ['flag', 'variable', 'inventory'].each { Files.createDirectory(folder.resolve(it)) }

        expect:
        InventoryReader.locate(flag.map { Path.of(it) }, env, folder) == folder.resolve(found)

        where:
        flag                | env                                  || found
        Optional.of('flag') | [PGRUNBOOK_INVENTORY: 'variable']    || 'flag'
        none                | [PGRUNBOOK_INVENTORY: 'variable']    || 'variable'
        none                | [PGRUNBOOK_INVENTORY: '']            || 'inventory'
        none                | [:]                                  || 'inventory'
    }

    def "an inventory that is not there is told with who named it: #hint"() {
        when:
        InventoryReader.locate(flag.map { Path.of(it) }, env, Path.of(''))

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.USAGE
        problem.fact() == "inventory \"$named\" does not exist"
        problem.hints() == [hint]

        where:
        flag                | env                             | named      || hint
        Optional.of('x.yml')| [:]                             | 'x.yml'    || 'Check the path that is given with -i.'
        none                | [PGRUNBOOK_INVENTORY: 'y.yml']  | 'y.yml'    || 'Check the path that is set in $PGRUNBOOK_INVENTORY.'
        Optional.of('gone') | [PGRUNBOOK_INVENTORY: 'y.yml']  | 'gone'     || 'Check the path that is given with -i.'
    }

    def "without any inventory the hint says how to name one"() {
        when:
        InventoryReader.locate(Optional.empty(), [:], folder)

        then:
        def problem = thrown(Problem)
        relative(problem.fact()) == 'inventory "inventory" does not exist'
        problem.hints() == ['Name a file or a folder with -i or in $PGRUNBOOK_INVENTORY.']
    }

    def "a folder without a *.yml is an error"() {
        when:
        InventoryReader.read(folder)

        then:
        def problem = thrown(Problem)
        problem.fact() == "inventory folder \"$folder\" has no *.yml"
        problem.exit() == Exit.USAGE
    }
}
