package org.pgrunbook.runbook

import org.pgrunbook.Exit
import org.pgrunbook.fixtures.Bench
import org.pgrunbook.inventory.Inventory
import spock.lang.Specification
import spock.lang.TempDir

import java.nio.file.Files
import java.nio.file.Path

class CompiledCacheSpec extends Specification {
    static final String TEXT = '''\
        /** Greet. */
        @Target Cluster cluster
        @Param('whom') String name = "you"
        @Param(value = 'x', required = true) DataSize size
        confirm cluster, "Greet $name?"
        step('greet') { ['a'].each { note "hello $it $name $size" } }
        pointOfNoReturn { note 1 }
        '''.stripIndent()

    @TempDir Path folder

    Bench bench
    CompiledCache cache

    def setup() {
        bench = new Bench(folder)
        bench.inventory = new Inventory([:], [demo: Bench.clusterSpec('demo', 1)], [], [], '')
        bench.answers = { question, name -> new Answers.Answer(true, 'test') } as Answers
        cache = new CompiledCache([folder.resolve('state/compiled')])
    }

    def "what comes out of the cache is what went in"() {
        given:
        def source = bench.source(TEXT)
        def fresh = new Compiler()

        when:
        def first = new Compiler(cache).check(source)

        then:
        entries().size() == 1
        new Compiler(cache).check(source) == first
        new Compiler(cache).signature(source) == fresh.signature(source)
        new Compiler(cache).outline(source) == fresh.outline(source)
        cache.find(source).get().classes().size() >= 3
    }

    def "a run fills the cache, and the next one runs from it"() {
        when:
        def results = (1..2).collect { bench.run(TEXT, [size: '1MB'], 'demo') }

        then:
        results*.exit() == [Exit.DONE, Exit.DONE]
        bench.notes == ['hello a you 1 MB', '1'] * 2
        entries().size() == 1
    }

    def "a place in the runbook is told from the cache as well"() {
        when:
        def results = (1..2).collect { bench.run('note 1\n\nrefuseIf true, "no"') }

        then:
        results*.problem()*.get()*.where()*.get() == ['test:3', 'test:3']
    }

    def "another text, or another name, is another entry"() {
        when:
        [bench.source('note 1'), bench.source('note 2'), bench.source('note 1', 'other')].each { new Compiler(cache).check(it) }

        then:
        entries().size() == 3
    }

    def "advice is kept with the place where the source lies now"() {
        given:
        def text = 'pointOfNoReturn { note 1 }'
        new Compiler(cache).check(bench.source(text))

        expect:
        new Compiler(cache).check(new Source('test', Path.of('/elsewhere/test.groovy'), text))*.place() == ['/elsewhere/test.groovy:1:1']
    }

    def "what cannot be run is not kept"() {
        expect:
        new Compiler(cache).check(bench.source('nte 1')).size() == 1
        !Files.exists(folder.resolve('state/compiled'))
    }

    def "an entry that is torn is compiled anew"() {
        given:
        def source = bench.source(TEXT)
        new Compiler(cache).check(source)
        def file = entries().first()
        file.bytes = file.bytes[0..100] as byte[]

        expect:
        bench.run(TEXT, [size: '1MB'], 'demo').exit() == Exit.DONE
        file.length() > 1000
    }

    def "a folder that cannot be written does no harm"() {
        given:
        Files.writeString(folder.resolve('file'), '')

        expect:
        new Compiler(new CompiledCache([folder.resolve('file/compiled')])).check(bench.source('note 1')) == []
    }

    def "only the owner can read or write it"() {
        when:
        new Compiler(cache).check(bench.source('note 1'))

        then:
        Files.getPosixFilePermissions(folder.resolve('state/compiled'))*.toString().sort() == ['OWNER_EXECUTE', 'OWNER_READ', 'OWNER_WRITE']
    }

    private List<File> entries() {
        folder.resolve('state/compiled').toFile().listFiles().findAll { it.name.endsWith('.runbook') }
    }
}
