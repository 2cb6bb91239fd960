/**
 * Bring archived WAL from the primary's spool into the repository.
 *
 * The archive_command leaves WAL in the spool; this empties it. A file that is in the repository already, with the same
 * content, counts as shipped; with other content it is an error, and nothing is overwritten. Run it every minute or so:
 * how often bounds how much is lost with the host.
 */
@Target Cluster cluster
@Param('also ship what is in the open segment, by closing it first')                                 Boolean current = false
@Param(value = 'how many files to read and compress on the host at once', min = '1', max = '64')     Integer processes = 2
@Param(value = 'how long to wait for the closed segment to be archived', min = '1s', max = '7 days') Duration patience = 5.minutes

lock cluster.wal

def shipped = step('ship what is in the spool') {
    current ? cluster.primary.shipCurrentWal(cluster.repository, processes, patience)
            : cluster.primary.shipWal(cluster.repository, processes)
}
note shipped.files == 0 ? 'nothing was waiting' : "$shipped.files files, $shipped.first to $shipped.last"
