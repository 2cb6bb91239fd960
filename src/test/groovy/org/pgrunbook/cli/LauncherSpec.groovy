package org.pgrunbook.cli

import spock.lang.Specification
import spock.lang.TempDir

import java.nio.file.Files
import java.nio.file.Path

/** The launcher in a checkout of its own, on a machine whose JDKs and whose Maven only tell how they were called. */
class LauncherSpec extends Specification {
    static final Path HOME = Path.of(System.getProperty('pgrunbook.home'))
    static final List<String> TOOLS = ['cat', 'dirname', 'find', 'mkdir', 'mktemp', 'mv', 'readlink', 'rm', 'sed', 'sh', 'touch']

    @TempDir Path folder
    Path checkout
    Path bin
    Path launcher

    def setup() {
        checkout = Files.createDirectories(folder.resolve('a checkout'))
        Files.createDirectories(checkout.resolve('src/main'))
        Files.createFile(checkout.resolve('pom.xml'))
        bin = Files.createDirectories(folder.resolve('bin'))
        TOOLS.each { Files.createSymbolicLink(bin.resolve(it), Path.of('/usr/bin', it)) }
        // JDKs that are installed here are out of sight.
        launcher = script(checkout.resolve('pgrunbook'), HOME.resolve('pgrunbook').toFile().text
            .replace('/usr/lib/jvm/', "$folder/jvm/").replace('/opt/', "$folder/opt/"))
        script(bin.resolve('mvn'), '#!/bin/sh\necho building\necho "$@" >>builds\nmkdir -p target && touch target/pgrunbook.jar\n')
        Files.createSymbolicLink(bin.resolve('java'), jdk('17.0.15').resolve('bin/java'))
    }

    def "without a JDK 25 it says so, with what to do, and exits 2"() {
        when:
        def result = run('--version')

        then:
        result.exit == 2
        result.out == ''
        result.err == '''\
            error: there is no JDK 25 on this machine
            HINT: Install a JDK 25 or newer, or set JAVA_HOME to one.
            '''.stripIndent()
    }

    def "a JDK is found #where"() {
        given:
        def java = jdk(version, place)

        expect:
        run('list', JAVA_HOME: folder.resolve(javaHome)).out.readLines().first() == "$java/bin/java"

        where:
        version  | place                   | javaHome      || where
        '25.0.3' | 'jvm/temurin-25'        | ''            || 'among the installed ones'
        '26'     | 'home/.jdks/openjdk-26' | ''            || 'in the home, and may be newer'
        '25'     | 'my jdk'                | 'my jdk'      || 'by JAVA_HOME'
        '25'     | 'jvm/temurin-25'        | 'jvm/17.0.15' || 'though JAVA_HOME names an older one'
    }

    def "it builds once, and again when a source is newer"() {
        given:
        jdk('25')

        expect:
        run('list').err == 'building pgrunbook, once ...\n'
        run('list').err == ''
        builds() == 1

        when:
        def built = checkout.resolve('target/pgrunbook.jar').toFile()
        built.lastModified = built.lastModified() - 10_000

        then:
        run('list').exit == 0
        builds() == 2
    }

    def "a build that fails shows its output and exits 2"() {
        given:
        jdk('25')
        script(bin.resolve('mvn'), '#!/bin/sh\necho "no such artifact"\nexit 1\n')

        when:
        def result = run('list')

        then:
        result.exit == 2
        result.err.readLines()[1..2] == ['no such artifact', 'error: the build failed']
    }

    def "a symbolic link to it works"() {
        given:
        jdk('25')
        def link = Files.createSymbolicLink(bin.resolve('pgrunbook'), launcher)

        expect:
        execute([link, 'list']).out.contains("-Dpgrunbook.home=$checkout\n".toString())
    }

    def "#arguments: the sandbox's libraries are on the class path: #there"() {
        given:
        jdk('25')

        expect:
        run(*arguments).out.contains('/target/sandbox-lib/*') == there

        where:
        arguments                                    || there
        ['sandbox', 'up']                            || true
        ['demo']                                     || true
        ['-i', 'inventory.yml', 'demo']              || true
        ['--inventory=x', '--stacktrace', 'sandbox'] || true
        ['run', 'health/status', 'demo']             || false
        ['-i', 'sandbox', 'list']                    || false
        ['--help']                                   || false
        []                                           || false
    }

    def "arguments arrive as they were given"() {
        given:
        jdk('25')
        def arguments = ['run', 'a b', "it's", '"quoted"', '$HOME', '*', '\\', '', '-p', 'name=x y']

        expect:
        run(*arguments).out.readLines().with { it.drop(it.indexOf('org.pgrunbook.cli.Main') + 1) } == arguments
    }

    /** A JDK whose java prints how it was called, a line for each word. */
    private Path jdk(String version, String place = "jvm/$version") {
        def home = folder.resolve(place)
        Files.createDirectories(home.resolve('bin'))
        home.resolve('release').toFile().text = "IMPLEMENTOR=\"nobody\"\nJAVA_VERSION=\"$version\"\n"
        script(home.resolve('bin/java'), '#!/bin/sh\nprintf "%s\\n" "$0" "$@"\n')
        home
    }

    private static Path script(Path file, String text) {
        file.toFile().text = text
        file.toFile().executable = true
        file
    }

    private int builds() {
        checkout.resolve('builds').toFile().readLines().size()
    }

    private Map run(Map<String, Object> environment = [:], Object... arguments) {
        execute(environment, [launcher, *arguments])
    }

    private Map execute(Map<String, Object> environment = [:], List<Object> command) {
        def builder = new ProcessBuilder(command*.toString())
        builder.environment().clear()
        ([PATH: bin, HOME: folder.resolve('home')] + environment).each { builder.environment()[it.key] = it.value.toString() }
        def out = new StringBuilder()
        def err = new StringBuilder()
        def process = builder.start()
        process.waitForProcessOutput(out, err)
        [exit: process.exitValue(), out: out.toString(), err: err.toString()]
    }
}
