package org.pgrunbook.cli

import org.pgrunbook.fixtures.Cli
import spock.lang.Specification
import spock.lang.TempDir

import java.nio.file.Files
import java.nio.file.Path

/** The whole of what a run prints, to the letter: people know it by heart, and programs read it. Only times and ids are replaced. */
class GoldenSpec extends Specification {
    @TempDir Path folder

    Cli cli

    def setup() {
        Files.createDirectory(folder.resolve('repository'))
        def inventory = folder.resolve('inventory.yml').toFile()
        inventory.text = """
            repositories:
              main: { directory: $folder/repository }
            clusters:
              orders:
                repository: main
                nodes:
                  pg1: { host: 127.0.0.1, role: primary, sql: { port: 1 } }
            """.stripIndent()
        Files.createDirectory(folder.resolve('runbooks')).resolve('stock.groovy').toFile().text = '''
            /** Count what there is. */
            @Target Cluster cluster
            @Param(value = 'how much may be there', min = '0') Integer most = 10

            lock cluster.wal
            def rows = step('look at the shelves') {
                def left = step('on the left') { 3 }
                def right = step('on the right') { 4 }
                [[shelf: 'left', boxes: left, room: 16.MB], [shelf: 'right', boxes: right, room: null]]
            }
            table rows
            undo('put the label back') { note 'the old label is there again' }
            always('switch the light off') { note 'it is dark' }
            step('write the label') { warn 'the ink is nearly gone' }
            measure 'a walk', 90.seconds
            refuseIf most < 7, "7 boxes are more than $most"
            '''.stripIndent()
        cli = new Cli(folder.resolve('state'), inventory.toPath())
        cli.folder = folder
    }

    def "what a person reads of a run that comes to its end"() {
        when:
        def run = cli.run('run', 'stock', 'orders')

        then:
        run.exit == 0
        plain(run.out) == '''\
            stock orders  run RUN
            lock orders.wal
            > look at the shelves
              > on the left
              > on the right
            shelf  boxes  room
            left       3  16 MB
            right      4  -
            > write the label
              warning: the ink is nearly gone
            a walk: 1 min 30 s
            > always: switch the light off
              it is dark
            done in TIME
            '''.stripIndent()
        run.err == ''
    }

    def "what a person reads of a run that is refused half-way"() {
        when:
        def run = cli.run('run', 'stock', 'orders', '-p', 'most=5')

        then:
        run.exit == 3
        plain(run.out) == '''\
            stock orders  run RUN
            lock orders.wal
            > look at the shelves
              > on the left
              > on the right
            shelf  boxes  room
            left       3  16 MB
            right      4  -
            > write the label
              warning: the ink is nearly gone
            a walk: 1 min 30 s
            > undo: put the label back
              the old label is there again
            > always: switch the light off
              it is dark
            refused in TIME
            '''.stripIndent()
        run.err == '''\
            error: 7 boxes are more than 5
            at: stock:17
            state: nothing was changed
            '''.stripIndent()
    }

    def "what a program reads of the same"() {
        when:
        def run = cli.run('run', 'stock', 'orders', '-p', 'most=5', '--json')

        then:
        run.exit == 3
        json(run.out) == '''\
            {"v":1,"seq":1,"at":"…","event":"started","run":"…","runbook":"stock","target":"orders","parameters":{"most":"5"},"user":"…","host":"…","pid":"…","arguments":["run","stock","orders","-p","most=5","--json"],"runbookDigest":"…","inventoryDigest":"…","revision":"…","version":"…","kind":"run"}
            {"v":1,"seq":2,"at":"…","event":"used","parts":{"cluster orders":"…","node orders/pg1":"…","repository main":"…"}}
            {"v":1,"seq":3,"at":"…","event":"locked","lock":"orders.wal","repository":"main"}
            {"v":1,"seq":4,"at":"…","in":"look at the shelves","event":"step-started","step":"look at the shelves"}
            {"v":1,"seq":5,"at":"…","in":"look at the shelves/on the left","event":"step-started","step":"look at the shelves/on the left"}
            {"v":1,"seq":6,"at":"…","in":"look at the shelves/on the left","event":"step-ended","step":"look at the shelves/on the left","outcome":"done","took":"…","value":3,"type":"java.lang.Integer"}
            {"v":1,"seq":7,"at":"…","in":"look at the shelves/on the right","event":"step-started","step":"look at the shelves/on the right"}
            {"v":1,"seq":8,"at":"…","in":"look at the shelves/on the right","event":"step-ended","step":"look at the shelves/on the right","outcome":"done","took":"…","value":4,"type":"java.lang.Integer"}
            {"v":1,"seq":9,"at":"…","in":"look at the shelves","event":"step-ended","step":"look at the shelves","outcome":"done","took":"…","value":[{"shelf":"left","boxes":3,"room":"16777216 B"},{"shelf":"right","boxes":4}],"type":"[{java.lang.String|java.lang.Integer|org.pgrunbook.DataSize}|{java.lang.String|java.lang.Integer|null}]"}
            {"v":1,"seq":10,"at":"…","event":"tabled","columns":["shelf","boxes","room"],"rows":[["left",3,"16 MB"],["right",4,null]]}
            {"v":1,"seq":11,"at":"…","event":"undoable","undo":"put the label back"}
            {"v":1,"seq":12,"at":"…","event":"always","what":"switch the light off"}
            {"v":1,"seq":13,"at":"…","in":"write the label","event":"step-started","step":"write the label"}
            {"v":1,"seq":14,"at":"…","in":"write the label","event":"said","level":"warning","text":"the ink is nearly gone"}
            {"v":1,"seq":15,"at":"…","in":"write the label","event":"step-ended","step":"write the label","outcome":"done","took":"…","type":"null"}
            {"v":1,"seq":16,"at":"…","event":"measured","name":"a walk","value":90.0,"type":"java.time.Duration"}
            {"v":1,"seq":17,"at":"…","in":"undo: put the label back","event":"step-started","step":"undo: put the label back"}
            {"v":1,"seq":18,"at":"…","in":"undo: put the label back","event":"said","level":"note","text":"the old label is there again"}
            {"v":1,"seq":19,"at":"…","in":"undo: put the label back","event":"step-ended","step":"undo: put the label back","outcome":"done","took":"…"}
            {"v":1,"seq":20,"at":"…","in":"always: switch the light off","event":"step-started","step":"always: switch the light off"}
            {"v":1,"seq":21,"at":"…","in":"always: switch the light off","event":"said","level":"note","text":"it is dark"}
            {"v":1,"seq":22,"at":"…","in":"always: switch the light off","event":"step-ended","step":"always: switch the light off","outcome":"done","took":"…"}
            {"v":1,"seq":23,"at":"…","event":"unlocked","lock":"orders.wal"}
            {"v":1,"seq":24,"at":"…","event":"ended","exit":"refused","code":3,"took":"…","error":"7 boxes are more than 5","hints":[],"where":"stock:17","state":"nothing was changed"}
            '''.stripIndent()
    }

    private static String plain(String text) {
        text.replaceAll(/\d{8}-\d{6}-\w{4}/, 'RUN').replaceAll(/(?<= in )\d+(\.\d+)? (ms|s)\b/, 'TIME')
    }

    private static String json(String text) {
        text.replaceAll(/"(at|took|run|user|host|pid|runbookDigest|inventoryDigest|version|revision)":("[^"]*"|[\d.E-]+)/, '"$1":"…"')
            .replaceAll(/"[0-9a-f]{16}"/, '"…"')
    }
}
