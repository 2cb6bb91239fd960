package org.pgrunbook.reference

import groovy.transform.CompileStatic

/** All words of the runbook language, and the types that they are said of, are given or give. */
@CompileStatic
class Language {
    private static Language whole

    private final Sources sources = new Sources()

    /** The sources are read once. */
    static synchronized Language get() {
        whole = whole ?: new Language()
    }

    /** The words of a runbook's body. */
    List<Word> body() {
        kind('Runbook').words()
    }

    /** What the trades add to a type, or to a number. */
    List<Word> verbs() {
        sources.verbs
    }

    /** The words that are in the source of that type: its own, or the verbs of a trade. */
    List<Word> wordsFrom(String type) {
        sources.verbs.findAll { it.from() == type } ?: kind(type).words()
    }

    Kind kind(String name) {
        def found = sources.kinds[name]
        if (!found) {
            throw new IllegalArgumentException("there is no type $name")
        }
        found
    }

    /** The types that are met from the words on, in the order of their names. */
    List<Kind> met() {
        Set<String> found = []
        def next = ['Runbook', 'Cluster', 'Node'] + sources.verbs.collectMany { mentioned(it) }
        while (next) {
            next = next.findAll { found.add(it) }.collectMany { String name -> mentionedBy(kind(name)) }
        }
        found.sort().collect { kind(it) }
    }

    private List<String> mentionedBy(Kind kind) {
        (kind.words().collectMany { mentioned(it) } + kind.components().values().collectMany { names(it, kind.name()) } +
            names(kind.above(), kind.name())).unique()
    }

    private List<String> mentioned(Word word) {
        ([word.type()] + word.given()*.type()).collectMany { names(it, word.from()) } + names(word.owner(), '')
    }

    /** The names of our types in a type, as it is written in the source of another. */
    List<String> names(String type, String within) {
        type.findAll(/[A-Z]\w*(?:\.[A-Z]\w*)*/).collect { resolve(it, within) }.findAll { it }
    }

    String resolve(String name, String within) {
        def scope = within
        while (scope) {
            if (sources.kinds.containsKey("${scope}.$name".toString())) {
                return "${scope}.$name"
            }
            scope = scope.contains('.') ? scope.replaceFirst(/\.\w+$/, '') : ''
        }
        // One inside of another may be imported by its own name.
        sources.kinds.containsKey(name) ? name : sources.kinds.keySet().findAll { it.endsWith('.' + name) }.with { it.size() == 1 ? it.first() : '' }
    }
}
