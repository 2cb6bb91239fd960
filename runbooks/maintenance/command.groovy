/**
 * Run one command on the hosts of a cluster, and show what it writes.
 *
 * No shell sees the command: quotes hold together what has spaces, and its words arrive on the hosts as they are. Where you need
 * a pipe or a variable, name a shell: -p command="sh -c 'ps aux | wc -l'".
 *
 * It counts as a change: somebody has to agree, a dry run only says it, and the node that takes writes comes last and by itself,
 * once it went well on all others. With readOnly=true it runs everywhere at once and unasked; a command that is known to change
 * something is refused then.
 */
@Target Cluster cluster
@Param(value = 'the command with its arguments', required = true)                                     String command
@Param('only on these nodes; on all of the cluster unless given')                                     List<Node> nodes = []
@Param('it changes nothing: ask nobody, and let the primary not wait')                                Boolean readOnly = false
@Param(value = 'on how many hosts at a time', min = '1', max = '1000')                                Integer atOnce = 10
@Param(value = 'begin on no further host after so many have failed; readOnly never stops', min = '1') Integer stopAfter = 1
@Param(value = 'how long it may take on a host', min = '1s', max = '7 days')                          Duration limit = 10.minutes

def words = Shell.words(command)
def strange = nodes.find { !(it in cluster.nodes) }
refuseIf strange != null, "$strange is no node of $cluster"

if (readOnly) {
    def hosts = nodes ?: cluster.nodes
    step('run it everywhere') {
        parallel(hosts, atOnce) { it.ssh.run(Command.probe(words).aloud().timeout(limit)).exit() }
    }
    note "it went well on ${hosts.size()} hosts"
    return
}

def order = step('find out who takes writes') { cluster.standbysFirst.findAll { !nodes || it in nodes } }
def last = order.last()
confirm cluster, "Run this on ${order.join(', ')}, and not on $last before it went well on all others: $command"

step('run it on all but the last') {
    parallel(order - last, atOnce, stopAfter) { node ->
        step("on $node") { node.ssh.run(Command.change(words).aloud().timeout(limit)).exit() }
    }
}
step("run it on $last") { last.ssh.run(Command.change(words).aloud().timeout(limit)).exit() }
note "it went well on ${order.size()} hosts"
