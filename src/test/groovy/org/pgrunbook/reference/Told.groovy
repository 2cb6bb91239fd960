package org.pgrunbook.reference

import groovy.transform.CompileStatic

/**
 * A comment of the code, in Markdown.
 *
 * @param text its paragraphs
 * @param parameters what it says of each parameter or component
 * @param gives what it says of the result; empty if nothing
 * @param failures how it ends the run, and when
 * @param pages links to where it rests on
 * @param hidden whether it is for those who write verbs, as its first words say then
 */
@CompileStatic
record Told(List<String> text, Map<String, String> parameters, String gives, List<String> failures, List<String> pages, boolean hidden) {
    static final Told NOTHING = new Told([], [:], '', [], [], false)

    /** All of it in one paragraph. */
    String flat() {
        (text + parameters.collect { name, help -> "`$name`: ${help}.".toString() } + (gives ? ["Gives ${gives}.".toString()] : []) + failures + pages)
            .join(' ').replaceAll(/\s+/, ' ')
    }
}
