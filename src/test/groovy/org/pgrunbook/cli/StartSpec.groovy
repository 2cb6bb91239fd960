package org.pgrunbook.cli

import spock.lang.Shared
import spock.lang.Specification
import spock.lang.TempDir

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption
import java.util.jar.JarEntry
import java.util.jar.JarOutputStream

/** What a command loads, as Java itself logs it, in a process of its own. */
class StartSpec extends Specification {
    static final Path HOME = Path.of(System.getProperty('pgrunbook.home'))
    static final LIGHT = ['picocli', 'snakeyaml', 'jackson-jr-objects', 'jackson-core']

    @Shared @TempDir Path folder
    @Shared Path installed

    def setupSpec() {
        installed = install()
        folder.resolve('inventory').toFile().mkdirs()
        folder.resolve('inventory/a.yml').toFile().text =
            'clusters: { orders: { nodes: { pg1: { host: 127.0.0.1, role: primary, ssh: { port: 1 }, sql: { port: 1 } } } } }\n'
        folder.resolve('runbooks').toFile().mkdirs()
        folder.resolve('runbooks/greet.groovy').toFile().text = '/** Greet. */\nstep("greet") { note "hello" }\n'
    }

    /** An installation: the jar is made from the classes, because when tests run there may be none yet. */
    private Path install() {
        def home = Files.createDirectories(folder.resolve('a home'))
        def classes = Path.of(Main.protectionDomain.codeSource.location.path)
        Files.createDirectories(home.resolve('target'))
        new JarOutputStream(Files.newOutputStream(home.resolve('target/pgrunbook.jar'))).withCloseable { jar ->
            Files.walk(classes).filter { Files.isRegularFile(it) }.forEach {
                jar.putNextEntry(new JarEntry(classes.relativize(it).toString()))
                Files.copy(it, jar)
            }
        }
        Files.createSymbolicLink(home.resolve('target/lib'), HOME.resolve('target/lib'))
        Files.createSymbolicLink(home.resolve('runbooks'), HOME.resolve('runbooks'))
        Files.copy(HOME.resolve('pgrunbook'), home.resolve('pgrunbook'), StandardCopyOption.COPY_ATTRIBUTES)
        home
    }

    def "the launcher prepares a fast start once, says so, and starts from it"() {
        given:
        // What the JDK that runs this test says of its cache goes into a file.
        def said = { folder.resolve('aot.log').toFile().text }
        def environment = [JAVA_HOME: System.getProperty('java.home'), PGRUNBOOK_JAVA_OPTS: '-Xlog:aot=info:file=' + folder.resolve('aot.log')]

        expect:
        launch(['list'], environment).err == 'preparing a fast start, once ...\n'

        and:
        ['list', 'check greet'].every { line ->
            def result = launch(line.split(' ') as List, environment)
            result.exit == 0 && result.err == '' && said().contains('Using AOT-linked classes: true')
        }

        and: 'every training run came to its end'
        installed.resolve('target/start').toFile().list().findAll { it.endsWith('.aot') }.sort() == ['full.aot', 'light.aot', 'run.aot', 'store.aot']

        and: 'the shipped runbooks are compiled, and the help needs no Java'
        installed.resolve('target/compiled').toFile().list().length == Files.walk(HOME.resolve('runbooks')).filter { it.toString().endsWith('.groovy') }.count() + 1
        [['--help'], [], ['run', '--help'], ['help', 'run']].every { line ->
            def result = launch(line, [PGRUNBOOK_JAVA_OPTS: '--no-such-option'])
            result.exit == 0 && result.out.contains('Usage: pgrunbook ' + ('run' in line ? 'run ' : ''))
        }

        when: 'nothing of it can be written'
        def start = installed.resolve('target/start')
        start.toFile().deleteDir()
        start.toFile().text = 'in the way'
        def result = launch(['list'], environment)

        then:
        result.exit == 0
        result.out.contains('backup/base-backup')
    }

    def "#line loads neither Groovy nor the AWS SDK nor pgjdbc nor JSch, and needs none of them"() {
        when:
        def result = start(LIGHT, line.split(' ') as List)

        then:
        result.exit == 0
        result.loaded.findAll { it =~ /^(groovy|org\.apache\.groovy|org\.codehaus\.groovy|software\.amazon|org\.postgresql|com\.jcraft)\./ } == []

        where:
        line << ['--help', '--version', 'completion bash', 'list', 'runs', 'inventory', 'new mine', 'help run']
    }

    def "a runbook that is in the cache runs without the compiler"() {
        given:
        def arguments = ['run', 'greet']
        start(['*'], arguments)

        when:
        def again = start(['*'], arguments)

        then:
        again.exit == 0
        'groovy.lang.Script' in again.loaded
        again.loaded.findAll { it =~ /CompilationUnit|ResolveVisitor|^org\.apache\.groovy\.parser\.|^groovyjarjarantlr|^software\.amazon/ } == []
    }

    private Map start(List<String> libraries, List<String> arguments) {
        def log = Files.createTempFile(folder, 'loaded', '.txt')
        def classes = Main.protectionDomain.codeSource.location.path
        def jars = HOME.resolve('target/lib').toFile().listFiles().findAll { jar -> libraries.any { it == '*' || jar.name.startsWith(it + '-') } }
        def java = ProcessHandle.current().info().command().get()
        def process = new ProcessBuilder([java, "-Xlog:class+load:file=$log", '-XX:TieredStopAtLevel=1', '--enable-native-access=ALL-UNNAMED',
                                          "-Dpgrunbook.home=$HOME", '-cp', [classes, *jars*.path].join(':'), Main.name, *arguments]*.toString())
            .directory(folder.toFile()).redirectErrorStream(true)
        process.environment().PGRUNBOOK_STATE = folder.resolve('state').toString()
        def started = process.start()
        def out = started.inputReader().text
        [exit: started.waitFor(), out: out, loaded: log.toFile().readLines().collect { (it =~ /\] ([\w.$]+)/).with { m -> m ? m[0][1] : '' } }]
    }

    private Map launch(List<String> arguments, Map<String, String> environment = [:]) {
        def process = new ProcessBuilder([installed.resolve('pgrunbook').toString(), *arguments]).directory(folder.toFile())
        process.environment().putAll([PGRUNBOOK_STATE: folder.resolve('state').toString()] + environment)
        def out = new StringBuilder()
        def err = new StringBuilder()
        def started = process.start()
        started.waitForProcessOutput(out, err)
        [exit: started.exitValue(), out: out.toString(), err: err.toString()]
    }
}
