package org.pgrunbook.reference

import groovy.transform.CompileStatic

/**
 * The words of the language as IntelliJ reads them, in its GDSL: what may stand in the body of a script below
 * {@code runbooks/}, and what may be said of each type. Types of ours that IntelliJ reads from the jar it knows by
 * themselves; a runbook's base class, and what the trades add, it does not.
 */
@CompileStatic
class Gdsl {
    private static final Map<String, String> OTHERS = [
        Object: 'java.lang', String: 'java.lang', Integer: 'java.lang', Long: 'java.lang', Boolean: 'java.lang', Class: 'java.lang',
        List: 'java.util', Collection: 'java.util', Map: 'java.util', Optional: 'java.util', Duration: 'java.time', Instant: 'java.time',
        InputStream: 'java.io', Stream: 'java.util.stream', Closure: 'groovy.lang']

    private final Language language

    Gdsl(Language language) {
        this.language = language
    }

    String text() {
        """\
// What IntelliJ completes in runbooks. Made from the code: 'pgrunbook completion intellij' prints it.

contributor(context(scope: scriptScope(), pathRegexp: '.*/runbooks/.*[.]groovy')) {
${language.body().collect { one(it) }.join('\n')}
}
""" + language.verbs().groupBy { it.owner() }.collect { owner, verbs ->
            "\ncontributor(context(ctype: '${full(owner, '')}')) {\n${verbs.collect { one(it) }.join('\n')}\n}\n"
        }.join('')
    }

    private String one(Word word) {
        def given = word.given().collect { "${it.name()}: '${full(it.type().replace('...', '[]'), word.from())}'" }.join(', ')
        def what = word.property() ? 'property' : 'method'
        def parameters = word.property() ? '' : ", params: [${given ?: ':'}]"
        "    $what(name: '${word.name()}', type: '${full(word.type(), word.from())}'$parameters,\n        doc: '${doc(word)}')"
    }

    private static String doc(Word word) {
        ((word.changes() ? 'Changes something. ' : '') + word.told().flat()).replace('\\', '\\\\').replace('\'', '\\\'')
    }

    /** With the packages, as nothing is imported there. */
    private String full(String type, String within) {
        type.replaceAll(/\?(?: extends [\w.]+)?/, '?').replaceAll(/[A-Z]\w*(?:\.[A-Z]\w*)*/) { String name ->
            def resolved = language.resolve(name, within)
            resolved ? language.kind(resolved).fullName().replace('$', '.') : name.length() == 1 ? 'java.lang.Object' : "${pack(name)}.$name"
        }
    }

    private static String pack(String name) {
        def found = OTHERS[name]
        if (!found) {
            throw new IllegalStateException("in which package is $name?")
        }
        found
    }
}
