package org.pgrunbook.runbook

import org.pgrunbook.Exit
import org.pgrunbook.Problem
import org.pgrunbook.fixtures.Bench
import org.pgrunbook.fixtures.SshHost
import org.pgrunbook.inventory.ClusterSpec
import org.pgrunbook.inventory.Inventory
import org.pgrunbook.inventory.NodeSpec
import org.pgrunbook.inventory.RepositorySpec
import org.pgrunbook.journal.Event
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.TempDir

import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration

/** Locks between machines that share nothing but a repository; each machine has a state folder and a clock of its own. */
class RepositoryLocksSpec extends Specification {
    static final LOCKED = "@Target Cluster c\nlock c.roles\nnote 'got it'"
    static final BACKUP = LOCKED.replace('roles', 'backup')

    @TempDir Path folder

    static final ACT = "c.node('pg1').ssh.run('true').exit()"

    @Shared @TempDir Path hostFolder
    @Shared @AutoCleanup SshHost host

    Station here
    Station there

    def setupSpec() {
        host = SshHost.mina(hostFolder)
    }

    def setup() {
        here = machine('here')
        there = machine('there')
    }

    def "a run on another machine ends with 4, and says who holds the lock, where, in which run and since when"() {
        given:
        def inner = null
        here.answers = answering { inner = there.run(LOCKED, [:], 'demo') }

        when:
        def outer = here.run("@Target Cluster c\nlock c.roles\nconfirm 'hold it'", [:], 'demo')
        def after = there.run(LOCKED, [:], 'demo')

        then:
        inner.exit() == Exit.LOCKED
        def problem = inner.problem().get()
        problem.fact() ==~ /lock "demo.roles" is held by run ${outer.run()} of \S+ on \S+ \(process \d+\) since 2026-03-01T01:45:00Z, for "test"/
        problem.hints() == ["The command 'pgrunbook log ${outer.run()}' on ${Origin.of([], '').host()} shows what that run is doing." as String]
        problem.state().get() == 'nothing was changed'
        there.notes == ['got it']

        and: 'it is free when its run has ended'
        after.exit() == Exit.DONE
        there.events(Event.Locked)*.repository() == ['main']
    }

    def "a lock that is held for a part only is free afterwards"() {
        given:
        def inner = []
        def text = "@Target Cluster c\nholding(c.wal, 1.seconds) { confirm 'within' }\nconfirm 'after'"
        here.answers = { question, name ->
            inner << there.run(LOCKED.replace('roles', 'wal'), [:], 'demo').exit()
            new Answers.Answer(true, 'test')
        } as Answers

        when:
        here.run(text, [:], 'demo')

        then:
        inner == [Exit.LOCKED, Exit.DONE]
    }

    def "with --wait it goes on when the other machine gives the lock back, with --skip it leaves the work to it"() {
        given:
        def held = here.hold('backup')
        there.time.whenSleeping = { held.release() }

        when:
        def skipped = there.run(BACKUP, 'demo') { it.whenLocked(new WhenLocked(Duration.ZERO, true, false)) }
        def waited = there.run(BACKUP, 'demo') { it.whenLocked(new WhenLocked(Duration.ofSeconds(30), false, false)) }

        then:
        skipped.exit() == Exit.DONE
        waited.exit() == Exit.DONE
        there.notes[0].startsWith('skipped: lock "demo.backup" is held by run ')
        there.notes[1].startsWith('waiting: lock "demo.backup" is held by run ')
        there.notes[2] == 'got it'
    }

    def "who waits in vain ends with 4 when the time is over"() {
        given:
        def held = here.hold('roles')

        when:
        def result = there.run(LOCKED, 'demo') { it.whenLocked(new WhenLocked(Duration.ofSeconds(10), false, false)) }

        then:
        result.exit() == Exit.LOCKED
        there.time.slept >= Duration.ofSeconds(10)
        there.time.slept < Duration.ofSeconds(20)

        cleanup:
        held.release()
    }

    def "the lock #purpose of a holder that gives no sign of life is taken over, however the clocks differ (#skew)"() {
        given:
        here.dies(purpose)
        there.time.now += skew

        when:
        def result = there.run(LOCKED.replace('roles', purpose), [:], 'demo')

        then: 'but only after it was seen unchanged for half a minute by a clock of its own'
        result.exit() == Exit.DONE
        there.time.slept >= Lease.LIFE
        there.notes.any { it =~ /^lock "demo.$purpose" was left by run \S+ of \S+ on \S+ \(process \d+\), which has given no sign of life for 30.0 s: taken over$/ }

        where:
        purpose  | skew
        'wal'    | Duration.ofMinutes(2)
        'backup' | Duration.ofHours(-1)
    }

    def "nobody takes over the roles by himself: who finds them left is told what to do"() {
        given:
        here.dies('roles')
        there.time.now += Duration.ofMinutes(2)

        when:
        def result = there.run(LOCKED, [:], 'demo')

        then:
        result.exit() == Exit.LOCKED
        there.time.slept == Duration.ZERO
        def hints = result.problem().get().hints()
        hints[1].startsWith('Its last sign of life was at 2026-03-01T01:45:00Z, by the clock of ')
        hints[2].startsWith('If it can go on there, let it: pgrunbook resume ')
        hints[3] == 'Else take its lock away: pgrunbook unlock demo roles.'
    }

    def "a holder that lives keeps its lock although its clock is an hour behind"() {
        given:
        def held = here.hold('backup')
        there.time.now += Duration.ofHours(1)
        there.time.whenSleeping = { held.lease.renew(true) }

        when:
        def result = there.run(BACKUP, [:], 'demo')

        then:
        result.exit() == Exit.LOCKED
        there.time.slept < Lease.LIFE

        cleanup:
        held.release()
    }

    def "a run of this machine that died has left nothing that is in the way of the next one"() {
        given:
        here.dies('roles')

        when:
        def result = here.run(LOCKED, [:], 'demo')

        then:
        result.exit() == Exit.DONE
        here.time.slept == Duration.ZERO
        here.notes[0] =~ /^lock "demo.roles" was left by run \S+ of \S+ on \S+ \(process \d+\), which is dead: taken back$/
    }

    def "a lock that was lost meanwhile stops the next change, #when"() {
        given: 'the lock is taken by another machine while somebody is asked'
        here.answers = answering { here.time.pass(asleep); there.steal('backup') }
        def text = '''
            @Target Cluster c
            lock c.backup
            step('first') { c.node('pg1').ssh.run('true').exit() }
            ''' + body

        when:
        def result = here.run(text.stripIndent(), [:], 'demo')

        then:
        result.problem().get().fact() ==~ /lock "demo.backup" was lost: it is held by run \S+ of \S+ on \S+ \(process \d+\) now/
        result.exit() == Exit.FAILED
        here.events(Event.OperationStarted).count { it.operation().change() } == 1

        where:
        when                                          | asleep                 | body
        'if its machine was suspended in between'     | Duration.ofSeconds(40) | "confirm 'go on?'\nstep('second') { c.node('pg1').ssh.run('true').exit() }"
        'also at once, from the point of no return on' | Duration.ZERO         | "step('second') { pointOfNoReturn { confirm 'go on?'; c.node('pg1').ssh.run('true').exit() } }"
    }

    def "a dry run takes no lock, and says whether it could have"() {
        given:
        def free = there.dryRun(LOCKED, 'demo')
        def held = here.hold('roles')

        when:
        def other = there.dryRun(LOCKED, 'demo')

        then:
        free.exit() == Exit.DONE
        other.exit() == Exit.DONE
        there.events(Event.Forecast)*.unforeseen()*.size() == [0, 1]
        there.events(Event.Forecast)[1].unforeseen()[0].startsWith('lock "demo.roles" is held by run ')
        !Files.exists(there.folder.resolve('state/locks'))

        cleanup:
        held.release()
    }

    def "a cluster without a repository is locked on this machine only, which is said"() {
        given:
        here.inventory = new Inventory([:], [demo: Bench.clusterSpec('demo', 2)], [], [], '')

        expect:
        here.run(LOCKED, [:], 'demo').exit() == Exit.DONE
        here.events(Event.Locked)*.repository() == [null]
    }

    def "without its repository a run refuses with 5, unless somebody agrees by name to go on without the lock"() {
        given:
        folder.resolve('repository').toFile().renameTo(folder.resolve('elsewhere').toFile())
        def without = { it.whenLocked(new WhenLocked(Duration.ZERO, false, true)) }
        def asked = []

        when:
        def refused = here.run(LOCKED, [:], 'demo')

        then:
        refused.exit() == Exit.UNREACHABLE
        refused.problem().get().fact() == "directory \"$folder/repository\" does not exist"
        refused.problem().get().hints().last().endsWith('go on without it: --without-lock.')
        refused.problem().get().state().get() == 'nothing was changed'

        when:
        def declined = here.run(LOCKED, 'demo', without)

        then:
        declined.exit() == Exit.REFUSED

        when:
        here.answers = { question, name -> asked << [question, name.get()]; new Answers.Answer(true, 'test') } as Answers
        here.told.clear()
        def agreed = here.run(LOCKED, 'demo', without)

        then:
        agreed.exit() == Exit.DONE
        asked*.get(1) == ['demo']
        asked[0][0].startsWith('Go on without lock "demo.roles" of the repository, so that nobody on another machine is kept off? ')
        here.notes[0].startsWith('goes on without lock "demo.roles" of the repository: directory ')
        here.events(Event.Confirmed)*.how() == ['test']

        and: 'the lock of this machine is held all the same'
        here.events(Event.Locked)*.lock() == ['demo.roles']
        here.events(Event.Locked)*.repository() == [null]
    }

    def "a repository that is out of reach stops nothing for a moment, nor before the point of no return: #where, #gone"() {
        given:
        def repository = folder.resolve('repository').toFile()
        def away = folder.resolve('elsewhere').toFile()
        here.answers = answering { repository.renameTo(away); here.time.pass(gone) }

        when:
        def result = here.run("@Target Cluster c\nlock c.roles\nconfirm 'go on?'\nstep('act') { $where }", [:], 'demo')

        then:
        result.exit() == exit
        here.events(Event.OperationStarted).count { it.operation().change() } == changes

        cleanup:
        away.renameTo(repository)

        where:
        where                      | gone                   || exit             | changes
        "pointOfNoReturn { $ACT }" | Duration.ofSeconds(8)  || Exit.DONE        | 1
        "pointOfNoReturn { $ACT }" | Duration.ofSeconds(25) || Exit.UNREACHABLE | 0
        ACT                        | Duration.ofSeconds(25) || Exit.DONE        | 1
    }

    def "unlock takes the lock from a dead holder only, once its cluster was named"() {
        given:
        def held = here.hold('roles')

        when: 'it is watched while it lives'
        there.time.whenSleeping = { held.lease.renew(true) }
        def seen = there.held()
        HeldLock.watch(seen, there.time)

        then:
        seen*.life() == [HeldLock.Life.ALIVE]
        seen[0].isAlive().exit() == Exit.REFUSED

        when: 'it stops, and nobody agrees'
        there.time.whenSleeping = {}
        def left = there.held()
        HeldLock.watch(left, there.time)
        assert left*.life() == [HeldLock.Life.DEAD]
        left[0].takeAway()

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.REFUSED
        there.held().size() == 1

        when: 'somebody does'
        there.answers = { question, name -> new Answers.Answer(name.get() == 'demo', 'test') } as Answers
        def again = there.held()
        HeldLock.watch(again, there.time)
        again[0].takeAway()

        then: 'it is free for everyone, and lost for who had it'
        there.held() == []
        there.run(LOCKED, [:], 'demo').exit() == Exit.DONE

        when:
        here.time.pass(Duration.ofMinutes(1))
        held.lease.requireHeld(false)

        then:
        def lost = thrown(Problem)
        lost.exit() == Exit.LOCKED

        cleanup:
        held.release()
    }

    def "unlock does not take a lock from a run of this machine that has it, and at once from one that died"() {
        given:
        def seen = null
        here.answers = answering { seen = here.held() }
        here.run("@Target Cluster c\nlock c.roles\nconfirm 'hold it'", [:], 'demo')

        expect:
        seen*.life() == [HeldLock.Life.ALIVE]

        when:
        here.dies('roles')

        then:
        here.held()*.life() == [HeldLock.Life.DEAD]
        here.held()[0].row().lock() == 'demo.roles'
    }

    private Station machine(String name) {
        def station = new Station(Files.createDirectory(folder.resolve(name)))
        station.inventory = inventory()
        station
    }

    private static Answers answering(Closure<?> meanwhile) {
        { question, name ->
            meanwhile()
            new Answers.Answer(true, 'test')
        } as Answers
    }

    private Inventory inventory() {
        def place = Files.createDirectories(folder.resolve('repository'))
        def repository = new RepositorySpec('main', new RepositorySpec.Directory(place), Optional.empty(), Optional.empty(), 'zstd')
        def plain = Bench.clusterSpec('demo', 2)
        def node = plain.nodes().pg1
        def ssh = host.settings(identity: host.home.resolve('.ssh/id_ed25519'), knownHosts: host.home.resolve('.ssh/known_hosts'))
        def pg1 = new NodeSpec('demo', 'pg1', '127.0.0.1', node.role(), Optional.empty(), Optional.empty(), node.control(), Optional.empty(), 0, true, [], ssh, node.sql())
        def cluster = new ClusterSpec('demo', [pg1: pg1], Optional.of(repository), [], ClusterSpec.Hooks.NONE, Optional.empty(), plain.protection(), [:], 'test:1:1')
        new Inventory([main: repository], [demo: cluster], [], [], '')
    }
}
