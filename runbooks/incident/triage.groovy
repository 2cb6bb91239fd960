/**
 * Something is wrong: find out what, and which playbook to run next. It changes nothing.
 *
 * All nodes are looked at at once. What is wrong comes first, the worst at the top; then what cannot be
 * told; then what is fine, so that nobody needs to look there again. It works while a server lets
 * nobody in and while the primary is gone. A check that gets no answer is told as unknown, by its name, and the whole takes less
 * than 10 s. What no server can know it cannot find: that rows were deleted by mistake, see incident/accidental-change.
 *
 * Symptom: any; you do not know yet.
 *
 * May: nothing but look.
 */
@Target Cluster cluster

def triage = step('look at all nodes') { cluster.triage }
if (triage.wrong()) {
    table triage.wrong()
    note "next: ${triage.wrong().find { it.next() }?.next() ?: 'look at what cannot be told'}"
} else {
    note 'nothing is wrong'
}
step('what is fine') { table triage.fine() }
