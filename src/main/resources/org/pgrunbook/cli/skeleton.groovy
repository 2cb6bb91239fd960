/**
 * One sentence that says what it does: 'pgrunbook list' shows it.
 *
 * Then when to use it, what it changes and what it refuses: 'pgrunbook show' shows all of this.
 */
@Target Node node               // or Cluster: then ask it for cluster.primary and cluster.standbys
@Param(value = 'how long the server may take to answer', min = '1s') Duration patience = 30.seconds

// Look first. A probe (sql.value, sql.rows, ssh.read) changes nothing; the journal keeps what a step returns.
def version = step('ask the server for its version') {
    node.sql.value(String, "select current_setting('server_version')")
}
note "$node runs PostgreSQL $version"

// Refuse early: the run ends with 3, and nothing was changed.
refuseIf version.startsWith('9.'), "PostgreSQL $version is too old for this"

// Ask before what hurts: the name has to be typed, or given with --confirm.
// confirm node, "Do it to $node?"

// Say how to take something back before it is done, and give each change a step of its own.
// undo('take it back') { node.sql.execute('…') }
// step('do it')        { node.sql.execute('…') }

// Prove in the end that things are as they should be.
step('prove that it answers') {
    waitUntil("$node answers", patience) { node.sql.value(Integer, 'select 1') == 1 }
}
