/**
 * Change for which standbys a commit waits: synchronous_standby_names, safely.
 *
 * A name under which nobody streams makes every commit hang, so standbys are given as nodes, and only those are taken that
 * stream at this moment. Afterwards something is committed, and it is looked whether it is on as many standbys as were wanted;
 * if it is not within the patience, the old value is set again. Without a parameter it only shows what is so.
 *
 * With number=1 of two standbys writes go on when one of them is lost. Each node has a value of its own: that of the new primary
 * counts after a failover.
 */
@Target Cluster cluster
@Param('those that may confirm a commit; the preferred ones first')                         List<Node> standbys
@Param(value = 'how many of them have to', min = '1', max = '100')                          Integer number = 1
@Param('any: whichever are the fastest; first: those named first, as long as they are there') SyncMethod method = SyncMethod.ANY
@Param('commits wait for nobody: a failover may lose what was acknowledged')                Boolean nobody = false
@Param(value = 'how long a commit may wait', min = '1s', max = '10min')                     Duration patience = 10.seconds

lock cluster.roles

def primary = step('ask which node is the primary') { cluster.primary }
step('look who streams') { table cluster.status.tree }
note "commits wait for ${SyncPlan.words(primary.setting('synchronous_standby_names'))}"
if (!standbys && !nobody) {
    note "to change it: -p standbys=${cluster.standbys.join(',')} -p number=1, or -p nobody=true"
    return
}
refuseIf standbys && nobody, 'commits can wait for standbys or for nobody, not both'
refuseIf primary in (standbys ?: []), "$primary is the primary"

def plan = step('look whether commits could wait for them') { primary.planSync(standbys ?: [], number, method) }
if (plan.members()) { table plan.members() }
plan.warnings().each { warn it }
if (plan.done) {
    note 'it is so already'
    return
}
confirm primary, "Let commits on $primary wait for ${SyncPlan.words(plan.after())} instead of ${SyncPlan.words(plan.before())}?"

undo("let commits wait for ${SyncPlan.words(plan.before())} again") { primary.alterSystem('synchronous_standby_names', plan.before()) }
step('set the names') { primary.alterSystem('synchronous_standby_names', plan.after()) }
step('wait until they count') {
    waitUntil("commits wait for ${SyncPlan.words(plan.after())}", patience) { primary.waitsAsPlanned(plan) }
}
def took = step('prove it by a commit') { primary.proveCommit(plan, patience) }
measure 'a commit', took
plan.members().findAll { it.own() != plan.after() }.each {
    note "${it.standby()} has ${it.own() ? "'${it.own()}'" : 'none'} of its own, which counts once it is promoted"
}
