/**
 * Practise incident/disk-full: old logs fill the file system that the server writes its log to.
 *
 * Start it, find it with incident/triage, solve it with the playbook that triage names. It runs until there
 * is room again, and says how long that took. Only on nodes with the tag drill, whose folder for logs is a
 * small file system of its own: nobody else must suffer. In the sandbox, as root:
 *
 *     mount -t tmpfs -o size=64m,mode=777 tmpfs DATA/log
 */
@Target Cluster cluster
@Param(value = 'the largest file system that it fills', min = '1MB') DataSize most = 256.MB
@Param(value = 'give up after', min = '1s', max = '7 days')          Duration patience = 30.minutes

def server = cluster.primary
server.drill
def log = server.diskUsage(cluster, false).folders().find { it.what() == 'log' }
refuseIf !log, "$server has no folder for logs: mount a small file system on \"$server.postmaster.data/log\""
refuseIf log.free() > most, "${log.fileSystem()} has ${log.free()} left, more than $most: mount a small file system on \"${log.path()}\""
always('remove the logs') {
    server.ssh.run(Command.changeScript('rm -f -- "$1"/drill-*.log', log.path()))
}

def begin = now()
step('let old logs fill the file system') {
    server.ssh.run(Command.changeScript('''
        cd "$1" || exit
        i=0
        while head -c 4194304 /dev/zero > "drill-$i.log"; do i=$((i + 1)); done 2>/dev/null
        touch -d '100 days ago' drill-*.log
        touch postgresql.log 2>/dev/null
        exit 0'''.stripIndent(), log.path())).text()
}
note "now find it: pgrunbook run incident/triage $cluster"
step('wait until somebody solves it') {
    server.ssh.run(Command.probeScript('while [ -e "$1/drill-0.log" ]; do sleep 0.2; done', log.path()).timeout(patience)).text()
}
measure 'from incident to solution', Duration.between(begin, now())
