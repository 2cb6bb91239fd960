package org.pgrunbook.runbook

import spock.lang.Specification

/**
 * docs/incidents.md is made from the comments of the playbooks: PGRUNBOOK_REWRITE=yes mvn test
 * -Dtest=IncidentDocumentSpec writes it anew.
 */
class IncidentDocumentSpec extends Specification {
    static final File HOME = new File(System.getProperty('pgrunbook.home'))
    static final File DOCUMENT = new File(HOME, 'docs/incidents.md')

    def "#name says what it is, its symptom and what it may do"() {
        expect:
        paragraphs(name)[0].endsWith('.')
        field(name, 'Symptom')
        field(name, 'May')

        where:
        name << playbooks()
    }

    def "every playbook that solves an incident has a drill to practise it"() {
        expect:
        playbooks().findAll { !field(it, 'May').startsWith('nothing but look') && !drill(it) } == []
    }

    def "docs/incidents.md is what the playbooks say"() {
        given:
        if (System.getenv('PGRUNBOOK_REWRITE')) {
            DOCUMENT.text = document()
        }

        expect:
        DOCUMENT.text == document()
    }

    private static String document() {
        def all = playbooks().findAll { it != 'triage' }
        """\
# Incidents

Made from the playbooks in `runbooks/incident/`. You do not know which one it is? Run

    pgrunbook run incident/triage CLUSTER

It looks at all nodes at once, changes nothing, and names the playbook to run next. That rows were deleted by mistake no server
can know: then begin with `incident/accidental-change`.

With `severity=warning`, the default, a playbook only looks: it answers the questions of the incident, ends in a finding, and names
what could be done, the safest first. With `severity=critical` it acts, after asking. It keeps the evidence in the journal before
anything changes. What it ends, cancels or drops it looks at again in the same statement; what PostgreSQL does only outside of
transactions, such as COMMIT PREPARED or VACUUM, right before. Afterwards it looks whether that has helped. Whom the inventory
protects (`protected`) it leaves alone. A drill creates the incident for real on a node with the tag `drill`, such as the sandbox's, for you
to find and solve against the clock.

| symptom | playbook |
|---|---|
${all.collect { "| ${field(it, 'Symptom')} | [`incident/$it`](#incident$it) |" }.join('\n')}
${all.collect { section(it) }.join('')}"""
    }

    private static String section(String name) {
        def text = paragraphs(name).findAll { !(it =~ /^(Symptom|May|Thresholds?( in the inventory)?): /) }
        def lines = ["\n## incident/$name\n", *text.collect { it + '\n' }, "**Symptom:** ${field(name, 'Symptom')}\n",
                     "**It may:** ${field(name, 'May')}\n"]
        def thresholds = field(name, 'Thresholds? in the inventory')
        if (thresholds) {
            lines << "**Thresholds:** $thresholds\n"
        }
        if (drill(name)) {
            lines << "**Drill:** `pgrunbook run drill/$name CLUSTER`\n"
        }
        lines.join('\n')
    }

    private static boolean drill(String name) {
        new File(HOME, "runbooks/drill/${name}.groovy").exists()
    }

    private static List<String> playbooks() {
        // One that is there under two names is told of once.
        new File(HOME, 'runbooks/incident').listFiles().findAll { it.canonicalFile.name == it.name }*.name*.minus('.groovy').sort()
    }

    /** The text after a paragraph's first word; empty if there is no such paragraph. */
    private static String field(String name, String word) {
        def found = paragraphs(name).find { it =~ "^$word: " }
        found ? found.replaceFirst("^$word: ", '') : ''
    }

    private static List<String> paragraphs(String name) {
        def comment = (new File(HOME, "runbooks/incident/${name}.groovy").text =~ /(?s)^\/\*\*(.*?)\*\//)[0][1] as String
        comment.readLines()*.replaceFirst(/^ \* ?/, '').join('\n').trim().split(/\n\n/)*.replaceAll(/\s*\n\s*/, ' ')
    }
}
