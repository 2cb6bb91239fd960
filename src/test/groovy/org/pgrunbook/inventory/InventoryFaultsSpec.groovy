package org.pgrunbook.inventory

import org.pgrunbook.Exit
import org.pgrunbook.Problem

class InventoryFaultsSpec extends InventorySpecification {
    static final SECRET_HINT = 'Write { file: /run/secrets/pg }, { env: PGPASSWORD } or { exec: "pass show pg" }.'
    static final NODES = 'nodes: { pg1: { host: h, role: primary } }'

    def "of a node, #line is refused: #fact"() {
        when:
        readNode(line)

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.USAGE
        problem.fact() == fact
        problem.hints()*.replace(folder.toString(), 'FOLDER') == (hint ? [hint] : [])
        place(problem) == "main.yml:$at"

        where:
        line                              | at     || fact                                                  | hint
        'priorty: 1'                      | '7:9'  || 'unknown key "priorty" in node "orders/pg1"'          | 'Did you mean "priority"?'
        'ssh: { usr: me }'                | '7:16' || 'unknown key "usr" in "ssh"'                          | 'Did you mean "user"?'
        'sql: { colour: red }'            | '7:16' || 'unknown key "colour" in "sql"'                       | 'Known are: host, port, user, database, sslmode, password, via.'
        '<<: { priority: 1 }'             | '7:9'  || 'unknown key "<<" in node "orders/pg1"'               | 'Known are: host, role, data, service, control, bin, priority, failover, tags, ssh, sql.'
        'host: other'                     | '7:9'  || 'key "host" is given twice'                           | 'The first is at FOLDER/main.yml:5:9.'
        'ssh: { port: 0 }'                | '7:22' || 'port "0" is not a number from 1 to 65535'            | null
        'sql: { port: 65536 }'            | '7:22' || 'port "65536" is not a number from 1 to 65535'        | null
        'sql: { port: 54 32 }'            | '7:22' || 'port "54 32" is not a number from 1 to 65535'        | null
        'sql: { port: [5432] }'           | '7:22' || '"port" must be one value, not a list'                | null
        'sql: { sslmode: verify }'        | '7:25' || 'sslmode "verify" is unknown'                         | 'Known are: disable, allow, prefer, require, verify-ca, verify-full.'
        'sql: { sslmode: verify-fll }'    | '7:25' || 'sslmode "verify-fll" is unknown'                     | 'Did you mean "verify-full"?'
        'sql: { via: shh }'               | '7:21' || 'via "shh" is unknown'                                | 'Did you mean "ssh"?'
        'ssh: { sudo: yes }'              | '7:22' || 'sudo "yes" is neither true nor false'                | null
        'ssh: postgres'                   | '7:14' || '"ssh" must be a mapping, not one value'              | null
        'ssh: [postgres]'                 | '7:14' || '"ssh" must be a mapping, not a list'                 | null
        'ssh: { identity: "a\\0b" }'       | '7:26' || '"identity" is no path'                                 | null
        'tags: eu'                        | '7:15' || '"tags" must be a list, not one value'                | null
        'tags: { a: b }'                  | '7:15' || '"tags" must be a list, not a mapping'                | null
        'data: pgdata'                    | '7:15' || 'data "pgdata" is not an absolute path on the host'   | null
        'data:'                           | '7:14' || '"data" has no value'                                 | null
        'data: ""'                        | '7:15' || '"data" has no value'                                 | null
        'priority: -1'                    | '7:19' || 'priority "-1" is not a number from 0 to 1000'        | null
        'failover: nevr'                  | '7:19' || 'failover "nevr" is unknown'                          | 'Did you mean "never"?'
        'control: sytemd'                 | '7:18' || 'control "sytemd" is unknown'                         | 'Did you mean "systemd"?'
        'control: systemd'                | '4:7'  || 'node "orders/pg1" has control "systemd" but no "service"' | 'Add its unit, such as service: postgresql@15-main.'
        'control: { commands: { start: a, stop: b } }' | '7:20' || '"commands" has no "restart"'            | null
        'data: !path /x'                  | '7:15' || '"data" has a custom tag'                             | 'Remove the tag, or put the value into quotes if it begins with "!".'
        '[a]: b'                          | '7:9'  || 'a key must be one word'                              | null
    }

    def "a node needs a host and a role: #node"() {
        when:
        read("clusters:\n  orders:\n    nodes:\n      pg1: $node\n")

        then:
        def problem = thrown(Problem)
        problem.fact() == fact
        problem.hints()*.replace(folder.toString(), 'FOLDER') == (hint ? [hint] : [])
        place(problem) == "main.yml:$at"

        where:
        node                             | at     || fact                                     | hint
        '{ role: primary }'              | '4:7'  || 'node "orders/pg1" has no "host"'        | null
        '{ host: h }'                    | '4:7'  || 'node "orders/pg1" has no "role"'        | null
        '{ hots: h, role: primary }'     | '4:14' || 'unknown key "hots" in node "orders/pg1"'| 'Did you mean "host"?'
        '{ host: h, role: master }'      | '4:29' || 'role "master" is unknown'               | 'Known are: primary, standby, spare.'
    }

    def "of a cluster, #line is refused: #fact"() {
        when:
        read("repositories: { main: { directory: /b } }\nclusters:\n  orders:\n    $line\n")

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.USAGE
        problem.fact() == fact
        problem.hints()*.replace(folder.toString(), 'FOLDER') == (hint ? [hint] : [])
        place(problem) == "main.yml:$at"

        where:
        line                                           | at     || fact                                            | hint
        "repository: man\n    $NODES"                  | '4:17' || 'repository "man" is not in the inventory'      | 'Did you mean "main"?'
        "pooler: []\n    $NODES"                       | '4:5'  || 'unknown key "pooler" in cluster "orders"'      | 'Did you mean "poolers"?'
        "poolers: [{ haproxy: x, pgbouncer: { host: p } }]\n    $NODES" | '4:17' || 'unknown key "haproxy" in "poolers"' | 'Known are: pgbouncer.'
        "poolers: [{ pgbouncer: { port: 1 } }]\n    $NODES" | '4:17' || '"pgbouncer" has no "host"'                | null
        "protected: { user: [a] }\n    $NODES"         | '4:18' || 'unknown key "user" in "protected"'             | 'Did you mean "users"?'
        "thresholds: { lag: [1] }\n    $NODES"         | '4:24' || '"lag" must be one value, not a list'           | null
        "ssh: { prt: 1 }\n    $NODES"                  | '4:12' || 'unknown key "prt" in "ssh"'                    | 'Did you mean "port"?'
        'noeds: { a: { host: h, role: spare } }'       | '4:5'  || 'unknown key "noeds" in cluster "orders"'       | 'Did you mean "nodes"?'
        'repository: main'                             | '3:3'  || 'cluster "orders" has no "nodes"'               | null
        'nodes:'                                       | '3:3'  || 'cluster "orders" has no nodes'                 | null
        'nodes: {}'                                    | '3:3'  || 'cluster "orders" has no nodes'                 | null
        'nodes: { a/b: { host: h, role: spare } }'     | '4:14' || 'node "orders/a/b" has an unfit name'           | 'Use letters, digits, "_", "-" and ".".'
        'nodes: { a: { host: h, role: primary }, b: { host: i, role: primary } }' | '4:45' || 'cluster "orders" has a second primary, "b"' | '"a" is declared primary already.'
        'nodes: { a: { host: h, role: spare }, a: { host: i, role: spare } }' | '4:43' || 'key "a" is given twice' | 'The first is at FOLDER/main.yml:4:14.'
    }

    def "of a repository, #repository is refused: #fact"() {
        when:
        read("repositories:\n  main: $repository\n")

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.USAGE
        problem.fact() == fact
        problem.hints()*.replace(folder.toString(), 'FOLDER') == (hint ? [hint] : [])
        place(problem) == "main.yml:$at"

        where:
        repository                                             | at     || fact                                                         | hint
        '{ compression: zstd }'                                | '2:3'  || 'repository "main" has neither "s3" nor "directory"'         | 'Give one of the two: that is where its backups live.'
        '{ s3: { bucket: b }, directory: /b }'                 | '2:3'  || 'repository "main" has both "s3" and "directory"'            | 'Give one of the two: that is where its backups live.'
        '{ s3: { prefix: b } }'                                | '2:11' || '"s3" has no "bucket"'                                       | null
        '{ s3: { bucket: b, pathStyle: 1 } }'                  | '2:39' || 'pathStyle "1" is neither true nor false'                    | null
        '{ s3: { bucket: b, endpoint: localhost } }'           | '2:38' || 'endpoint "localhost" is no address'                         | 'Write it such as https://s3.example.com:9000.'
        '{ s3: { bucket: b, accessKey: { env: A } } }'         | '2:11' || '"accessKey" and "secretKey" go together'                    | 'Give both, or neither to use a profile or the machine\'s own role.'
        '{ directory: /b, compression: lz4 }'                  | '2:39' || 'compression "lz4" is unknown'                               | 'Known are: zstd, gzip, none.'
        '{ directory: /b, retention: { full: 0 } }'            | '2:45' || 'full "0" is not a number from 1 to 9999'                    | null
        '{ directory: /b, retention: { window: 30 dayz } }'    | '2:47' || 'window "30 dayz" is no duration'                            | 'Write it such as 30s, 5min or 30 days.'
        '{ directory: /b, retention: { window: P1X } }'        | '2:47' || 'window "P1X" is no duration'                                | 'Write it such as 30s, 5min or 30 days.'
        '{ directory: /b, retention: { window: 0s } }'         | '2:47' || 'window "0s" is no duration'                                 | 'Write it such as 30s, 5min or 30 days.'
        '{ directory: /b, retension: { full: 1 } }'            | '2:26' || 'unknown key "retension" in repository "main"'               | 'Did you mean "retention"?'
    }

    def "a file that is #what is refused"() {
        when:
        read(yaml)

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.USAGE
        problem.fact() == fact
        place(problem) == "main.yml:$at"

        where:
        what                     | yaml                                  | at    || fact
        'broken'                 | 'clusters: { orders: '                | '1:21'|| "not valid YAML: expected the node content, but found '<stream end>'"
        'two documents'          | '--- {}\n--- {}'                      | '2:1' || 'not valid YAML: but found another document'
        'a list'                 | '[a]'                                 | '1:1' || '"main.yml" must be a mapping, not a list'
        'misspelt at the top'    | 'cluster: {}'                         | '1:1' || 'unknown key "cluster" in the inventory'
        'an alias to nowhere'    | 'clusters: *hunter2'                  | '1:11'|| 'not valid YAML: found undefined alias'
        'an undeclared tag'      | 'clusters: !hunter2!x y'              | '1:11'|| 'not valid YAML: found undefined tag handle'
    }

    def "a bomb of aliases, or of depth, or of size, is refused by a limit: #limit"() {
        when:
        read(yaml)

        then:
        def problem = thrown(Problem)
        problem.fact().startsWith('not valid YAML: ')
        problem.fact().contains(limit)

        where:
        yaml                                                    || limit
        'a: &a [x]\nb: [' + '*a,' * 60 + ']'                    || 'max=50'
        '[' * 60 + ']' * 60                                     || 'max 50'
        'a: ' + 'x' * 4_000_000                                 || 'exceeds the limit'
    }

    def "a structure that contains itself is refused, not followed"() {
        when:
        readNode('ssh: &loop { user: *loop }')

        then:
        def problem = thrown(Problem)
        problem.fact() == '"user" must be one value, not a mapping'
    }

    def "all faults are told at once, in the order of the file, with their hints"() {
        when:
        read('''\
            defaults: { sql: { port: none } }
            clusters:
              orders:
                nodes:
                  pg1: { hots: a, role: primary }
                  pg2: { host: b, role: replica }
            '''.stripIndent())

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.USAGE
        relative(problem.fact()) == '''\
            the inventory has 3 errors
            main.yml:1:26: port "none" is not a number from 1 to 65535
            main.yml:5:14: unknown key "hots" in node "orders/pg1"
              HINT: Did you mean "host"?
            main.yml:6:29: role "replica" is unknown
              HINT: Known are: primary, standby, spare.'''.stripIndent()
    }

    def "a name that two files give is told with both places: #fact"() {
        given:
        write('a.yml', yaml)
        write('b.yml', yaml)

        when:
        InventoryReader.read(folder)

        then:
        def problem = thrown(Problem)
        problem.fact() == fact
        place(problem) == "b.yml:$at"
        problem.hints()*.replace("$folder/", '') == ["The first is at a.yml:${at}."]

        where:
        yaml                                                            | at     || fact
        "clusters: { orders: { $NODES } }"                              | '1:13' || 'cluster "orders" is given twice'
        'repositories: { main: { directory: /b } }'                     | '1:17' || 'repository "main" is given twice'
        'defaults: { ssh: { user: a } }'                                | '1:1'  || '"defaults" is given twice'
    }

    def "#key as #written is refused without a word of it"() {
        when:
        if (key == 'password') {
            readNode("sql: { password: $written }")
        } else {
            read("repositories: { main: { s3: { bucket: b, accessKey: { env: A }, secretKey: $written } } }")
        }

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.USAGE
        !everything(problem).contains('hunter2')
        problem.fact() == "\"$key\" $complaint"
        problem.hints() == [SECRET_HINT]
        place(problem) ==~ /main.yml:\d+:\d+/

        where:
        key         | written                        || complaint
        'password'  | 'hunter2'                      || 'must be a reference, never the secret itself'
        'password'  | '"hunter2"'                    || 'must be a reference, never the secret itself'
        'password'  | '!hunter2 hunter2'             || 'must be a reference, never the secret itself'
        'password'  | '[hunter2]'                    || 'must be a reference, never the secret itself'
        'password'  | '{ hunter2: x }'               || 'is no reference to a secret'
        'password'  | '{ fil: hunter2 }'             || 'is no reference to a secret'
        'password'  | '{ env: A, default: hunter2 }' || 'is no reference to a secret'
        'password'  | '{ env: A, env: hunter2 }'     || 'is no reference to a secret'
        'secretKey' | 'hunter2'                      || 'must be a reference, never the secret itself'
    }

    def "YAML's own complaints quote no secret: #written"() {
        when:
        readNode("sql: { password: $written }")

        then:
        def problem = thrown(Problem)
        !everything(problem).contains('hunter2')

        where:
        written << ['*hunter2', '!hunter2!x', '!<hunter2', '"hunter2', '{ file: hunter2', '&hunter2', '%hunter2', '`hunter2', '@hunter2', '|hunter2',
                    '"\\hunter2"', '!!hunter2 x', '{ file: !hunter2 x }', '{ file: [hunter2] }']
    }
}
