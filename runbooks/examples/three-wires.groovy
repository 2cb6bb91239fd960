/**
 * A first runbook: ask the database, run a command on its host, and stream its output into the object store and back.
 */
@Target Node node
@Param(value = 'where the object goes', required = true) String bucket

def version = step('ask the database') {
    node.sql.row('select version() as version').text('version')
}
note version

step('stream what a command prints into an object') {
    node.ssh.stream(Command.probe('ps', '-eo', 'pid,etime,args')) { ps ->
        s3(bucket).put("processes/${node.name}.txt", ps.stdout())
    }
}
def lines = step('read it back') {
    s3(bucket).get("processes/${node.name}.txt") { content -> content.readLines().size() }
}
note "$lines processes"
