package org.pgrunbook.runbook

import org.pgrunbook.postgres.Cluster
import org.pgrunbook.postgres.Node
import org.pgrunbook.postgres.Postmaster
import org.pgrunbook.sql.Sql
import org.pgrunbook.ssh.Ssh
import org.pgrunbook.store.Store
import spock.lang.Specification

import java.beans.Introspector
import java.lang.reflect.Method
import java.lang.reflect.Modifier

class LanguageDocumentSpec extends Specification {
    static final INTERNAL = ['run', 'close', 'fullName', 'toString', 'hashCode', 'equals', 'once', 'open', 'spec', 'println']

    def "docs/language.md has a line on '#word' of #type.simpleName"() {
        expect:
        document =~ /`[^`\n]*\b${word}\b[^`\n]*`/

        where:
        [type, word] << words()
    }

    private static final String document =
        new File(System.getProperty('pgrunbook.home'), 'docs/language.md').getText('UTF-8')

    /** What a runbook can say: the script's own words, and the verbs that each trade adds. */
    private static List<List> words() {
        def module = new Properties()
        LanguageDocumentSpec.getResourceAsStream('/META-INF/groovy/org.codehaus.groovy.runtime.ExtensionModule')
            .withCloseable { module.load(it) }
        def verbs = module.extensionClasses.split(',').collect { Class.forName(it.trim()) }
        ([Runbook, Cluster, Node, Postmaster, Sql, Ssh, Store] + verbs).collectMany { type ->
            type.declaredMethods.findAll { isPublic(it) }.collect { name(it) }.unique().sort()
                .findAll { !(it in INTERNAL) }.collect { [type, it] }
        }
    }

    private static boolean isPublic(Method method) {
        Modifier.isPublic(method.modifiers) && !method.synthetic && !method.name.contains('$')
    }

    private static String name(Method method) {
        def property = method.name =~ /^get(.+)$/
        property ? Introspector.decapitalize(property.group(1)) : method.name
    }
}
