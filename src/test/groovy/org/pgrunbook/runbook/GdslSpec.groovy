package org.pgrunbook.runbook

import org.pgrunbook.reference.Gdsl
import org.pgrunbook.reference.Language
import org.pgrunbook.reference.Word
import spock.lang.Shared
import spock.lang.Specification

/**
 * What IntelliJ completes runbooks by is made from the code: PGRUNBOOK_REWRITE=yes mvn test -Dtest=GdslSpec writes it
 * anew. It is executed here as IntelliJ would, and what it contributes is compared with the words.
 */
class GdslSpec extends Specification {
    static final File SCRIPT = new File(System.getProperty('pgrunbook.home'), 'src/main/resources/org/pgrunbook/cli/runbooks.gdsl')

    @Shared Language language = Language.get()
    @Shared List<Map> contributed = []

    def setupSpec() {
        if (System.getenv('PGRUNBOOK_REWRITE')) {
            SCRIPT.setText(new Gdsl(language).text(), 'UTF-8')
        }
        new GroovyShell(new groovy.lang.Binding(
            scriptScope: { it == null ? [:] : it },
            context: { it },
            contributor: { Map where, Closure what ->
                what.delegate = [method: { Map of -> contributed << where + of }, property: { Map of -> contributed << where + of + [params: null] }]
                what()
            })).evaluate(SCRIPT)
    }

    def "the script is what the code says"() {
        expect:
        SCRIPT.getText('UTF-8').readLines() - new Gdsl(language).text().readLines() == []
        new Gdsl(language).text().readLines() - SCRIPT.getText('UTF-8').readLines() == []
    }

    def "in the body of a script below runbooks/ there are exactly the words of a runbook"() {
        given:
        def inBody = contributed.findAll { it.scope != null }

        expect:
        inBody.collect { signature(it) } == language.body().collect { signature(it) }
        inBody*.pathRegexp.unique().every { '/home/me/runbooks/backup/mine.groovy' ==~ it && !('/home/me/src/Mine.groovy' ==~ it) }
        inBody.find { it.name == 'waitUntil' }.params == [what: 'java.lang.String', limit: 'java.time.Duration', condition: 'groovy.lang.Closure<java.lang.Object>']
    }

    def "of a #type there are exactly the verbs that the trades add"() {
        expect:
        contributed.findAll { it.ctype == type }.collect { signature(it) } == verbs.collect { signature(it) }

        where:
        [type, verbs] << Language.get().verbs().groupBy { it.owner() }.collect { owner, verbs ->
            [owner == 'Integer' ? 'java.lang.Integer' : Language.get().kind(owner).fullName(), verbs]
        }
    }

    def "every type that it names is there, and every word says what it does"() {
        expect:
        contributed.collectMany { [it.type, it.ctype, *(it.params ?: [:]).values()] }.findAll().collectMany { it.findAll(/[\w.]*\.[A-Z][\w.]*/) }.unique().findAll { !isThere(it) } == []
        contributed.every { it.doc }
    }

    /** {@code a.Outer.Inner} is the class {@code a.Outer$Inner}. */
    private static boolean isThere(String name) {
        try {
            Class.forName(name.replaceAll(/(?<=[A-Z]\w{0,50})\./, '\\$'), false, GdslSpec.classLoader)
            true
        } catch (ClassNotFoundException ignored) {
            false
        }
    }

    private static List signature(Map contribution) {
        [contribution.name, contribution.params?.keySet()?.toList()]
    }

    private static List signature(Word word) {
        [word.name(), word.property() ? null : word.given()*.name()]
    }
}
