package org.pgrunbook

import spock.lang.Specification

import java.nio.file.Path

/** The folders that the build leaves beside the jar. */
class DistributionSpec extends Specification {
    static final Path TARGET = Path.of(System.getProperty('pgrunbook.home'), 'target')

    def "only the sandbox's folder holds #library"() {
        expect:
        !(library in libraries('lib'))
        library in libraries('sandbox-lib')

        where:
        library << ['sshd-core', 'eddsa', 's3proxy', 'guava', 'jakarta.servlet-api', 'commons-compress', 'xz']
    }

    def "no library is in both folders"() {
        expect:
        files('lib').intersect(files('sandbox-lib')) == []
    }

    def "the libraries of tests and build are in neither"() {
        expect:
        (files('lib') + files('sandbox-lib')).findAll { it =~ /spock|testcontainers|docker|junit|error_prone_core/ } == []
    }

    def "what pgrunbook runs with is known by name"() {
        expect:
        libraries('lib').toSet().containsAll(['groovy', 'postgresql', 'jsch', 's3', 'snakeyaml', 'picocli', 'zstd-jni'])
    }

    def "the jar holds nothing that is not ours"() {
        expect:
        TARGET.resolve('classes').toFile().list().toSet() == ['META-INF', 'org'] as Set
        TARGET.resolve('classes/org').toFile().list().toList() == ['pgrunbook']
    }

    /** The artifacts' names, without versions. */
    private static List<String> libraries(String folder) {
        files(folder)*.replaceFirst(/-\d.*/, '')
    }

    private static List<String> files(String folder) {
        TARGET.resolve(folder).toFile().list().toList()
    }
}
