package org.pgrunbook

import spock.lang.Shared
import spock.lang.Specification

import java.nio.file.Files
import java.nio.file.Path

/** What CONTRIBUTING.md says of the house, asserted of the sources. */
class HouseSpec extends Specification {
    /** From the top; a package imports only from floors below its own. */
    static final List<List<String>> FLOORS = [
        ['cli', 'testing'],
        ['sandbox'],
        ['runbook', 'report'],
        ['replication', 'backup', 'diagnosis'],
        ['postgres'],
        ['sql', 'ssh', 'store'],
        ['inventory', 'journal'],
        ['']]

    static final Path ROOT = Path.of(System.getProperty('pgrunbook.home'), 'src/main/java/org/pgrunbook')

    @Shared
    List<Path> sources = Files.walk(ROOT).filter { it.toString().endsWith('.java') }.sorted().toList()

    def "every package has its floor"() {
        expect:
        sources.collect { packageOf(it) }.toSet() - FLOORS.flatten() == [] as Set
    }

    def "a package imports only from further down"() {
        expect:
        sources.collectMany { source ->
            def own = packageOf(source)
            imports(source).findAll { it != own && floor(it) <= floor(own) }.collect { "${ROOT.relativize(source)}: $it" }
        } == []
    }

    def "only the command line, and tests of runbooks, start the sandbox"() {
        expect:
        sources.findAll { 'sandbox' in imports(it) }.collect { packageOf(it) }.toSet() - ['cli', 'testing', 'sandbox'] == [] as Set
    }

    def "only the command line prints"() {
        expect:
        having(/System\.(out|err|in)\b|System\.console\(|\.printStackTrace\(\)/).findAll { !it.startsWith('cli/') } == []
    }

    def "only Time reads the clock and sleeps"() {
        expect:
        having(/Thread\.sleep|TimeUnit\.\w+\.sleep|parkNanos|currentTimeMillis|System\.nanoTime|\b[A-Z]\w+\.now\(|Clock\.system|new Date\(\)/) == ['Time.java']
    }

    def "a runbook can name every public type without saying which of two is meant"() {
        given:
        def named = ['', 'runbook', 'postgres', 'backup', 'replication', 'diagnosis', 'sql', 'ssh', 'store']

        expect:
        sources.findAll { packageOf(it) in named && it.toFile().text =~ /(?m)^public / && !it.endsWith('package-info.java') }
            .countBy { it.fileName.toString() }.findAll { it.value > 1 } == [:]
    }

    def "a file has at most 300 lines"() {
        expect:
        sources.findAll { it.toFile().readLines().size() > 300 } == []
    }

    def "every package says in a sentence what it is"() {
        expect:
        sources*.parent.unique().findAll { folder ->
            def info = folder.resolve('package-info.java')
            !Files.exists(info) || !(info.toFile().text =~ /^\/\*\*[^@]+\.\s/)
        } == []
    }

    private static String packageOf(Path source) {
        ROOT.relativize(source.parent).toString()
    }

    /** The packages of ours that a source names, in an import or in full; the root is everybody's. */
    private static Set<String> imports(Path source) {
        source.toFile().text.findAll(/org\.pgrunbook\.([a-z]+)\./) { all, name -> name }.toSet()
    }

    private static int floor(String name) {
        FLOORS.findIndexOf { name in it }
    }

    /** The sources in which the pattern is found. */
    private List<String> having(String pattern) {
        sources.findAll { it.toFile().text =~ pattern }.collect { ROOT.relativize(it).toString() }
    }
}
