package org.pgrunbook.replication

import org.pgrunbook.fixtures.DemoSandbox
import org.pgrunbook.fixtures.HeardRun
import org.pgrunbook.inventory.InventoryReader
import org.pgrunbook.postgres.Cluster
import org.pgrunbook.postgres.Lsn
import spock.lang.Specification

class EndOfWalSpec extends Specification {

    def "the end that is found is where PostgreSQL's own crash recovery ends (#major)"() {
        given: 'records over many pages, a segment that was switched early, and a kill in the midst of it'
        def demo = DemoSandbox.up(major)
        demo.execute('pg1', 'create table t (id int, text text)', 'checkpoint')
        def from = Lsn.parse(demo.ask('pg1', 'select pg_current_wal_lsn()::text') as String)
        demo.execute('pg1', "select pg_logical_emit_message(false, 'x', repeat('y', 100000))", 'select pg_switch_wal()')
        def afterSwitch = new Lsn((Lsn.parse(demo.ask('pg1', 'select pg_current_wal_lsn()::text') as String).value() >> 24) << 24)
        def load = Thread.start {
            try {
                demo.execute('pg1', *(1..200).collect { "insert into t select id, repeat('z', 500) from generate_series(1, 1000) id" as String })
            } catch (java.sql.SQLException ignored) {
                // It was killed.
            }
        }
        demo.eventually { demo.ask('pg1', "select pg_current_wal_lsn() - '$from' > 20000000") }
        demo.sandbox.kill('pg1')
        load.join()
        def cluster = new Cluster(InventoryReader.read(demo.sandbox.inventory()), 'demo', new HeardRun().run)
        def pg1 = cluster.node('pg1')

        when:
        def switched = new EndOfWal(pg1, pg1.postmaster.controlFile()).after(afterSwitch)
        def found = new EndOfWal(pg1, pg1.postmaster.controlFile()).after(from).get()

        and: 'it comes up as a standby, which replays all there is and writes nothing'
        demo.home('pg1').resolve('data/standby.signal').toFile().createNewFile()
        demo.start('pg1')
        demo.eventually { Replay.of(pg1).done() }

        then:
        found == Lsn.parse(demo.ask('pg1', 'select pg_last_wal_replay_lsn()::text') as String)
        switched.get() == found
        found.minus(from).bytes() > 20000000

        cleanup:
        cluster?.close()
        demo?.close()

        where:
        major << [18, 15]
    }
}
