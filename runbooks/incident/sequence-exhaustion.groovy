/**
 * Find sequences that run out of numbers, or columns that do; with severity=critical widen a sequence
 * whose column has room.
 *
 * An integer column ends at 2147483647, whatever its sequence can do: that takes a migration to bigint,
 * which this does not do. If the column is a bigint and only the sequence an integer, it takes a moment.
 *
 * Symptom: "nextval: reached maximum value of sequence", "integer out of range" at inserts.
 *
 * May: make the sequence that is named with sequence a bigint, after asking, if its column can hold the
 * numbers.
 *
 * Threshold in the inventory: sequence (85 percent).
 */
@Target Cluster cluster
@Param('warning only looks, critical also widens')                     Severity severity = Severity.WARNING
@Param('the sequence to widen, with its schema; needed with critical') String sequence
@Param('the server; the primary unless given')                         Node node

def server = node ?: cluster.primary

def evidence = step('keep the evidence') { server.evidence }
note "kept in the journal: $evidence"
def found = step('1. which sequences and columns are nearly full, in all databases?') { server.sequences(cluster.thresholds.sequence()) }
if (found.full()) { table found.full() } else { note 'none' }
step('2. is it the sequence that ends, or its column?') {
    found.full().each { one ->
        note "${one.sequence()}: ${one.onlySequence ? 'only the sequence; its column is a bigint' : "the column ${one.table()}.${one.column()}, a ${one.columnType()}"}"
    }
}

def finding = step('the finding') { found.finding() }
table finding
if (finding.verdict() == Verdict.OK) {
    return
}
def name = sequence ?: found.full().first().sequence()
table([
    new Rung('if only the sequence ends, widen it', 'nothing', "$finding.next -p severity=critical -p sequence=$name"),
    new Rung('if the column ends: a new bigint column, filled in batches, swapped in', 'a migration of days', '-'),
    new Rung('until then, begin at the negative end', 'applications that sort by it, or think it positive',
        "ALTER SEQUENCE $name MINVALUE -2147483648 RESTART -2147483648;")])

if (severity == Severity.WARNING) {
    return
}
refuseIf !sequence, "nothing says which sequence to widen; name it, such as -p sequence=$name"
def chosen = found.named(sequence)
refuseIf !chosen, "there is no sequence $sequence in use"
refuseIf !chosen.onlySequence, "more numbers of $sequence would not fit its column, a ${chosen.columnType() ?: 'thing unknown'}"
confirm server, "Make sequence $sequence in database ${chosen.database()} a bigint?"
step('widen it') { server.widen(chosen) }
def after = step('look again') { server.sequences(cluster.thresholds.sequence()) }
refuseIf after.full()*.sequence().contains(sequence), "sequence $sequence still is nearly full"
note "sequence $sequence has used ${after.named(sequence)?.percent() ?: 0} % of its numbers"
