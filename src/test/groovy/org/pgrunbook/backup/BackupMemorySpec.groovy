package org.pgrunbook.backup

import org.pgrunbook.fixtures.DemoSandbox
import spock.lang.AutoCleanup
import spock.lang.Isolated
import spock.lang.Shared
import spock.lang.Specification

import static java.util.concurrent.TimeUnit.MILLISECONDS

/** How much is backed up makes no difference to how much memory that takes. */
@Isolated // what else the machine does decides how often garbage is collected
class BackupMemorySpec extends Specification {
    @Shared @AutoCleanup DemoSandbox demo = DemoSandbox.up(18)

    def "2 GB are backed up, and looked at on their way, in the memory that 1 GB takes"() {
        when:
        def one = peakOfBackup(4)
        def two = peakOfBackup(8)
        println "peak memory of a backup of 1 GB: ${one >> 10} MB, of 2 GB: ${two >> 10} MB"

        then:
        Math.abs(two - one) < one / 10
    }

    /** The largest resident size, in kB, of a backup of so many files of 256 MB, a quarter of which does not compress. */
    private long peakOfBackup(int files) {
        demo.sh('pg1', """
            mkdir -p data/ballast && cd data/ballast
            for i in \$(seq $files); do
                [ -e \$i ] || { head -c 67108864 /dev/urandom > \$i && truncate -s 268435456 \$i; }
            done""")
        // The whole heap from the start: how much of its 256 MB is in use at the end says nothing, only what grows beside it does.
        def options = ['-Xms256m', '-Xmx256m', '-XX:+AlwaysPreTouch', '-XX:+UseSerialGC', '--enable-native-access=ALL-UNNAMED']
        def run = demo.start('backup', options, 'run', 'backup/base-backup', 'demo', '-p', 'level=1', '-p', 'checks=inline')
        long peak = 0
        def status = new File("/proc/${run.pid()}/status")
        while (run.alive) {
            try {
                peak = Math.max(peak, status.readLines().find { it.startsWith('VmHWM') }?.replaceAll(/\D/, '')?.toLong() ?: 0)
            } catch (IOException ignored) {
                break // it has ended
            }
            run.waitFor(50, MILLISECONDS)
        }
        assert run.waitFor() == 0: demo.folder.resolve('backup').toFile().text
        // The same disk has to hold the next one.
        demo.repository().resolve('backups').toFile().deleteDir()
        peak
    }
}
