package org.pgrunbook.postgres

import org.pgrunbook.fixtures.EmbeddedPostgres
import org.pgrunbook.sandbox.Binaries
import spock.lang.Specification

class VersionSpec extends Specification {

    def "a server of PostgreSQL #major and its data directory tell the same major version"() {
        given:
        def server = EmbeddedPostgres.shared(major)
        def sql = server.sql()
        def version = Version.ofNumber(sql.value(Long, "select current_setting('server_version_num')::int"))

        expect:
        version.major() == major
        version.toString() == sql.value("select split_part(current_setting('server_version'), ' ', 1)")
        version.supported()
        Version.ofFile(server.data.resolve('PG_VERSION').toFile().text) == new Version(major, 0)

        cleanup:
        sql.close()

        where:
        major << Binaries.MAJORS
    }

    def "versions are ordered"() {
        expect:
        new Version(15, 4) < new Version(15, 10)
        new Version(15, 10) < new Version(16, 0)
        !Version.ofFile('14\n').supported()
    }
}
