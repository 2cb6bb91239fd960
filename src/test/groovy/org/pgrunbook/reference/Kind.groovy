package org.pgrunbook.reference

import groovy.transform.CompileStatic

/**
 * A type that runbooks meet.
 *
 * @param name as a runbook writes it, {@code Postmaster.Stop}
 * @param pack its package
 * @param components of a record: each with its type
 * @param constants of an enum: each with what it means
 * @param words its methods
 * @param above the type that it has more words from; empty if none
 */
@CompileStatic
record Kind(String name, String pack, Map<String, String> components, Map<String, String> constants, List<Word> words, String above, Told told) {
    /** {@code BackupPlan, a record}: its heading, which no word has. */
    String title() {
        "$name, ${constants ? 'an enum' : components ? 'a record' : 'a type'}"
    }

    String fullName() {
        pack + '.' + name.replace('.', '$')
    }
}
