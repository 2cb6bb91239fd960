package org.pgrunbook

import spock.lang.Specification

import java.nio.file.Files
import java.nio.file.Path

/** The numbered traps in docs/pitfalls.md, and what is tried of them. */
class PitfallsSpec extends Specification {
    static final Path HOME = Path.of(System.getProperty('pgrunbook.home'))

    def "each trap is tried by a specification that names it, or its row says why not"() {
        given:
        def traps = [:]
        HOME.resolve('docs/pitfalls.md').toFile().eachLine { line ->
            (line =~ /^\| P(\d+) \| .* \| (.*) \|$/).each { traps[it[1] as int] = it[2] }
        }
        def named = Files.walk(HOME.resolve('src/test/groovy')).filter { it.toString().endsWith('.groovy') }.toList()
            .collectMany { file -> (file.toFile().text =~ /\bP(\d+)\b/).collect { it[1] as int } }.toSet()
        def excused = traps.findAll { it.value.startsWith('*not ') }.keySet()

        expect: "no number is missing, and none has two rows"
        traps.keySet() as List == 1..92

        and:
        traps.keySet() - named - excused == [] as Set
        named - traps.keySet() == [] as Set

        and: "what is tried needs no excuse"
        excused.intersect(named) == [] as Set
    }
}
