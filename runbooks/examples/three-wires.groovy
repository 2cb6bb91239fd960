/** A first runbook: ask the database, run a command on its host, stream its output into the object store and back. */
@Target Node node
@Param(value = 'where the object goes', required = true) String bucket

def version = step('ask the database') { node.sql.value(String, 'select version()') }
note version

def key = "processes/${node.name}.txt"
step('stream what a command prints into an object') {
    node.ssh.stream(Command.probe('ps', '-eo', 'pid,etime,args')) { ps -> s3(bucket).put(key, ps.stdout()) }
}
def lines = step('read it back') {
    s3(bucket).get(key) { content -> content.readLines().size() }
}
note "$lines processes"
