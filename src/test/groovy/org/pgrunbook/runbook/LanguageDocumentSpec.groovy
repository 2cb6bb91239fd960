package org.pgrunbook.runbook

import org.pgrunbook.reference.Language
import org.pgrunbook.reference.LanguageDocument
import spock.lang.Shared
import spock.lang.Specification

/**
 * The tables of docs/language.md are made from the comments of the code: PGRUNBOOK_REWRITE=yes mvn test
 * -Dtest=LanguageDocumentSpec writes them anew, and leaves the rest alone.
 */
class LanguageDocumentSpec extends Specification {
    static final File DOCUMENT = new File(System.getProperty('pgrunbook.home'), 'docs/language.md')

    @Shared Language language = Language.get()

    def "docs/language.md is what the code says"() {
        given:
        def whole = new LanguageDocument(language, DOCUMENT.getText('UTF-8')).whole()
        if (System.getenv('PGRUNBOOK_REWRITE')) {
            DOCUMENT.setText(whole, 'UTF-8')
        }

        and:
        def is = DOCUMENT.readLines('UTF-8')
        def should = whole.readLines()

        expect: 'the first line that differs, because there are thousands'
        [is, should].transpose().find { it[0] != it[1] } == null
        is.size() == should.size()
    }

    def "every word has an entry, which the index leads to"() {
        given:
        def lines = DOCUMENT.readLines('UTF-8')
        def index = lines.dropWhile { it != '## Index' }.join('\n')

        expect:
        words().collect { it.title() }.unique().findAll { !("#### $it".toString() in lines) || !index.contains("](#${LanguageDocument.slug(it)})") } == []
    }

    def "every link leads to one heading of the document"() {
        given:
        def text = DOCUMENT.getText('UTF-8')
        def anchors = text.readLines().findAll { it.startsWith('#') }.collect { LanguageDocument.slug(it.replaceFirst(/^#+ /, '')) }

        expect:
        text.findAll(/\]\(#([^)]+)\)/) { it[1] }.unique().findAll { anchors.count(it) != 1 } == []
    }

    def "every word says what it does, and what everything is that it is given"() {
        expect:
        words().findAll { !it.told().text() } == []
        words().collectMany { word -> (word.told().parameters().keySet() - word.given()*.name()).collect { "$word.title: $it" } } == []
    }

    def "every value says what it is, and what its parts are"() {
        given:
        def values = language.met().findAll { it.pack() != 'org.pgrunbook.runbook' }

        expect:
        values.findAll { !it.told().text() }*.name() == []
        values.collectMany { kind -> (kind.components().keySet() - kind.told().parameters().keySet()).collect { "${kind.name()}.$it" } }.join(' ') == ''
        values.collectMany { kind -> kind.words().findAll { !it.told().text() }*.title() } == []
    }

    /** The verbs of all trades, and the words of each type that has a section. */
    private List words() {
        def types = new LanguageDocument(language, DOCUMENT.getText('UTF-8')).sections.keySet().findAll { !it.endsWith('Verbs') }
        (language.verbs() + types.collectMany { language.kind(it).words() }).findAll { it.owner() != 'Integer' }
    }
}
