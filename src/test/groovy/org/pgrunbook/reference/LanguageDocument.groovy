package org.pgrunbook.reference

import groovy.transform.CompileStatic

/**
 * Fills docs/language.md: what stands there between {@code <!-- words: Cluster -->} and {@code <!-- end -->} is made
 * from the code, the rest is left as a person wrote it.
 */
@CompileStatic
class LanguageDocument {
    private static final String MADE = /(?s)(<!-- (\w+)(?:: ([^>]*?))? -->\n).*?(<!-- end -->)/

    private final Language language
    private final String text

    /** The types whose words have a section of their own, each with the heading of it. */
    final Map<String, String> sections = [:]

    /** The types that have no section of their own. */
    private final List<Kind> values

    LanguageDocument(Language language, String text) {
        this.language = language
        this.text = text
        String heading = ''
        for (line in text.readLines()) {
            heading = line.startsWith('#') ? line.replaceFirst(/^#+ /, '') : heading
            def made = line =~ /^<!-- words: (.*) -->/
            if (made) {
                made.group(1).split(', ').each { sections[it] = heading }
            }
        }
        values = language.met().findAll { !sections.containsKey(it.name()) }
    }

    /** The document as it should be. */
    String whole() {
        text.replaceAll(MADE) { List<String> all -> all[1] + '\n' + made(all[2], all[3] ? all[3].split(', ').toList() : []).trim() + '\n\n' + all[4] }
    }

    private String made(String what, List<String> types) {
        switch (what) {
            case 'words': return types.collectMany { language.wordsFrom(it) }.groupBy { it.title() }.collect { title, words -> entry(title, words) }.join('\n')
            case 'units': return types.collectMany { language.wordsFrom(it) }.collect { "| `${it.title()}` | ${cell(it.told().flat())} |" }
                .with { ['| number | meaning |', '|---|---|', *it].join('\n') }
            case 'types': return types.collectMany { String type -> language.kind(type).constants().collect { name, told -> "| `${spelled(name)}` | ${cell(told)} |" } }
                .with { ['| type | on the command line |', '|---|---|', *it].join('\n') }
            case 'values': return values.collect { value(it) }.join('\n')
            case 'index': return index()
            default: throw new IllegalArgumentException("nothing is known of $what")
        }
    }

    private String entry(String title, List<Word> words) {
        "#### $title\n\n" + words.collect { word ->
            def told = word.told()
            def list = told.parameters().collect { name, help -> "* `$name`: $help".toString() } + told.failures().collect { "* $it".toString() } +
                told.pages().collect { "* $it".toString() }
            ["`${word.signature()}`${gives(word)}", *told.text(), *(told.gives() ? ["Gives ${told.gives()}.".toString()] : []),
             *(list ? [list.join('\n')] : [])].join('\n\n') + '\n'
        }.join('\n')
    }

    private String gives(Word word) {
        def type = word.type() == 'void' ? '' : ' → ' + linked(word.type(), word.from())
        type + (word.changes() ? ' · **changes**' : '')
    }

    /** A type with links to those of its parts that have a section. */
    private String linked(String type, String within) {
        type.replaceAll(/[A-Z]\w*(?:\.[A-Z]\w*)*/) { String name ->
            def resolved = language.resolve(name, within)
            def heading = sections[resolved] ?: values.find { it.name() == resolved }?.title()
            heading ? "[$name](#${slug(heading)})" : name
        }.replace('<', '\\<')
    }

    private String value(Kind kind) {
        def rows = kind.constants().collect { name, told -> "| `$name` | ${cell(told)} |" } +
            kind.components().collect { name, type -> "| `$name` → ${linked(type, kind.name())} | ${cell(kind.told().parameters()[name] ?: '')} |" } +
            kind.words().collect { "| `${it.fixed() ? it.receiver() + '.' : ''}${it.call()}`${gives(it)} | ${cell(it.told().flat())} |" }
        ["### ${kind.title()}", *kind.told().text(), *kind.told().pages(),
         *(rows ? [(['| word | meaning |', '|---|---|'] + rows*.toString()).join('\n')] : [])].join('\n\n') + '\n'
    }

    private String index() {
        def words = (language.verbs() + sections.keySet().findAll { !it.endsWith('Verbs') }.collectMany { language.kind(it).words() })
            .findAll { it.owner() != 'Integer' }.unique { it.title() }
        alphabet(words.collectEntries { [(it.title()): [it.name(), it.title()]] }) + '\n\nTypes:\n\n' +
            alphabet(values.collectEntries { [(it.title()): [it.name(), it.name()]] })
    }

    /** By their headings: what each is looked up by, and what is shown. */
    private static String alphabet(Map<String, List<String>> entries) {
        entries.entrySet().groupBy { it.value[0][0].toLowerCase() }.sort().collect { letter, all ->
            "**$letter** " + all.sort { "${it.value[0].toLowerCase()} $it.key".toString() }.collect { "[${it.value[1]}](#${slug(it.key)})" }.join(' · ')
        }.join('\n\n')
    }

    /** {@code DATA_SIZE} as a declaration spells it. */
    private static String spelled(String constant) {
        constant == 'LIST' ? 'List<TYPE>' : constant == 'ENUM' ? 'an enum' : constant.toLowerCase().split('_')*.capitalize().join('')
    }

    private static String cell(String text) {
        text.replaceAll(/\s*\n\s*/, ' ').replace('|', '\\|')
    }

    /** The anchor that a heading has. */
    static String slug(String heading) {
        heading.toLowerCase().replaceAll(/[^\w\- ]/, '').replace(' ', '-')
    }
}
