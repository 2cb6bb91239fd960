package org.pgrunbook.postgres

import org.pgrunbook.fixtures.EmbeddedPostgres
import spock.lang.Specification

class PostgresConfSpec extends Specification {

    def "what we write the server reads, and what the server writes we read: #value"() {
        given:
        def server = EmbeddedPostgres.start(17)
        def file = server.data.resolve('postgresql.auto.conf').toFile()
        def sql = server.sql()

        when:
        file.text = PostgresConf.parse(file.text).with('custom.text', value).toString()
        sql.execute('select pg_reload_conf()')

        then:
        sql.value("select setting from pg_file_settings where name = 'custom.text'") == value

        when:
        sql.execute("alter system set archive_command = '${value.replace("'", "''")}'")

        then:
        PostgresConf.parse(file.text).value('archive_command').get() == value

        cleanup:
        sql.close()
        server.close()

        where:
        value << ["it's \\ \"x\" # =", 'C:\\new\\000', '']
    }

    def "comments and other settings stay, a setting is there once"() {
        given:
        def conf = PostgresConf.parse("""\
            # made by hand
            work_mem = '4MB'   # much
            Work_Mem 8MB
            port=5433

            primary_conninfo = 'host=a password=''x'''
            """.stripIndent())

        expect:
        conf.settings() == [work_mem: '8MB', port: '5433', primary_conninfo: "host=a password='x'"]
        conf.with('WORK_MEM', '16MB').toString() == """\
            # made by hand
            port=5433

            primary_conninfo = 'host=a password=''x'''
            WORK_MEM = '16MB'
            """.stripIndent()
        conf.without('primary_conninfo').without('port').toString() == """\
            # made by hand
            work_mem = '4MB'   # much
            Work_Mem 8MB

            """.stripIndent()
    }
}
