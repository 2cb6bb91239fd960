package org.pgrunbook.inventory

class InventoryLevelsSpec extends InventorySpecification {

    def "of defaults #defaults, cluster #cluster and node #node the innermost wins: #user"() {
        when:
        def inventory = read("""\
            defaults: { ${ssh(defaults)} }
            clusters:
              orders:
                ${ssh(cluster) ?: 'poolers: []'}
                nodes:
                  pg1: { host: h, role: primary, ${ssh(node)} }
            """.stripIndent())

        then:
        this.node(inventory).ssh().user() == Optional.ofNullable(user)

        where:
        defaults | cluster | node || user
        null     | null    | null || null
        'd'      | null    | null || 'd'
        null     | 'c'     | null || 'c'
        null     | null    | 'n'  || 'n'
        'd'      | 'c'     | null || 'c'
        'd'      | null    | 'n'  || 'n'
        null     | 'c'     | 'n'  || 'n'
        'd'      | 'c'     | 'n'  || 'n'
    }

    def "each key is chosen by itself: the levels are laid over each other, not exchanged"() {
        when:
        def sql = node(read('''\
            defaults: { sql: { user: d, port: 1, database: d } }
            clusters:
              orders:
                sql: { port: 2, database: c }
                nodes:
                  pg1: { host: h, role: primary, sql: { database: n, via: ssh } }
            '''.stripIndent())).sql()

        then:
        [sql.user(), sql.port(), sql.database(), sql.viaSsh()] == ['d', 2, 'n', true]
    }

    def "every effective value is told with the line that it came from"() {
        when:
        def inventory = read('''\
            defaults:
              ssh: { user: d }
              sql: { password: { env: PGPASSWORD } }
            clusters:
              orders:
                sql:
                  port: 6000
                nodes:
                  pg1: { host: h, role: primary }
            '''.stripIndent())
        def rows = inventory.settings().collectEntries { [it.path() - 'clusters.orders.nodes.pg1.', "${it.value()} ${relative(it.from())}".toString()] }

        then:
        rows == [
            'host'        : 'h main.yml:9',
            'role'        : 'primary main.yml:9',
            'control'     : 'pg_ctl default',
            'priority'    : '0 default',
            'ssh.host'    : 'h default',
            'ssh.user'    : 'd main.yml:2',
            'ssh.sudo'    : 'false default',
            'sql.host'    : 'h default',
            'sql.port'    : '6000 main.yml:7',
            'sql.user'    : 'postgres default',
            'sql.database': 'postgres default',
            'sql.sslmode' : 'prefer default',
            'sql.password': 'env: PGPASSWORD main.yml:3',
        ]
    }

    def "values of repositories and poolers are told, too"() {
        when:
        def rows = read('''\
            repositories: { main: { directory: /b, retention: { window: 30 days } } }
            clusters:
              orders:
                repository: main
                protected: { users: [etl, dba] }
                poolers: [ { pgbouncer: { host: p } } ]
                nodes: { pg1: { host: h, role: primary } }
            '''.stripIndent()).settings().collect { "${it.path()} = ${it.value()}".toString() }

        then:
        rows.containsAll([
            'repositories.main.directory = /b',
            'repositories.main.retention.window = 30 d',
            'repositories.main.compression = zstd',
            'clusters.orders.repository = main',
            'clusters.orders.protected.users = etl, dba',
            'clusters.orders.poolers[0].pgbouncer.port = 6432',
            'clusters.orders.poolers[0].pgbouncer.config = /etc/pgbouncer/pgbouncer.ini',
        ])
    }

    private static String ssh(String user) {
        user ? "ssh: { user: $user }" : ''
    }
}
