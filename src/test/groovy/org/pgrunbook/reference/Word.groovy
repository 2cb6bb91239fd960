package org.pgrunbook.reference

import groovy.transform.CompileStatic

import java.beans.Introspector

/**
 * What a runbook can say, as the code declares and explains it.
 *
 * @param owner the type that it is said of; of a verb that a trade adds that is its first parameter's type
 * @param from the type in whose source it is
 * @param method the method's name
 * @param fixed whether it is said of the type itself, {@code Command.probe(…)}
 * @param property whether it is said without parentheses, {@code node.sql}
 * @param type what it gives, as written; {@code void}: nothing
 * @param changes whether it changes something
 */
@CompileStatic
record Word(String owner, String from, String method, boolean fixed, boolean property, String type, List<Given> given, boolean changes, Told told) {

    /** A parameter. */
    static record Given(String type, String name) {
        boolean isBody() {
            type.startsWith('Closure') || type.startsWith('Streaming') || type.startsWith('Reading')
        }
    }

    /** The name as a runbook writes it. */
    String name() {
        property ? Introspector.decapitalize(method.replaceFirst(/^get/, '')) : method
    }

    /** What stands before the dot; empty for a word of the runbook's body. */
    String receiver() {
        owner == 'Runbook' ? '' : owner == 'Integer' ? '16' : owner == 'Statements' ? 'sql' : fixed ? owner : Introspector.decapitalize(owner)
    }

    /** {@code node.planBackup}: what a heading and the index say. */
    String title() {
        (receiver() ? receiver() + '.' : '') + name()
    }

    /** As a runbook writes it, with the types of what it is given. */
    String signature() {
        property ? title() : title() + '(' + plain().collect { "$it.type $it.name" }.join(', ') + ')' + (body() ? body() : '')
    }

    /** As a runbook writes it, in short. */
    String call() {
        property ? name() : name() + '(' + plain()*.name().join(', ') + ')' + body()
    }

    /** What is given between the parentheses. */
    List<Given> plain() {
        given.findAll { !it.body }
    }

    private String body() {
        def last = given ? given.last() : null
        !last?.body ? '' : takes(last) ? " { ${takes(last)} -> … }" : ' { … }'
    }

    /** What a body is given. */
    private String takes(Given body) {
        body.type.startsWith('Streaming') ? 'remote' : body.type.startsWith('Reading') ? 'content' :
            method == 'parallel' ? 'item' : method == 'undo' ? 'problem' : ''
    }
}
