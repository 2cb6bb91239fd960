package org.pgrunbook.inventory

import static org.pgrunbook.inventory.NodeSpec.Role.PRIMARY
import static org.pgrunbook.inventory.NodeSpec.Role.SPARE
import static org.pgrunbook.inventory.NodeSpec.Role.STANDBY

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions
import org.pgrunbook.Exit
import org.pgrunbook.Problem

class InventoryEditSpec extends InventorySpecification {
    static final YAML = '''\
        # Who is who. 🐘 é
        clusters:
          orders:
            nodes:
              pg1: { host: primary,   role: primary }    # role: primary, since March
              "pg2": {role:   'standby', host: b, tags: [🐘]}
              pg3:
                host: c
                # the role of this one
                role: "spare"   \n
        '''.stripIndent().replace('# Who is who.', '# Who is who.\t')

    InventoryEdit edit(Map roles, String yaml = YAML) {
        def inventory = read(yaml)
        InventoryEdit.roles(inventory, inventory.cluster('orders'), roles)
    }

    String file() {
        Files.readString(folder.resolve('main.yml'))
    }

    def "an edit is one line for each role that changes, in the order of the file"() {
        expect:
        relative(edit(pg3: SPARE, pg2: PRIMARY, pg1: STANDBY).text()) == '''\
            main.yml:5: role: primary -> role: standby
            main.yml:6: role: standby -> role: primary'''.stripIndent()
    }

    def "an inventory that says so already needs no edit"() {
        given:
        def edit = edit(pg1: PRIMARY, pg2: STANDBY)

        expect:
        edit.changes().empty
        edit.text() == ''
    }

    def "an edit changes the words of the roles and not one byte besides, in a file that #what"() {
        given:
        def before = change(YAML)

        when:
        edit(before, pg1: SPARE, pg2: PRIMARY, pg3: STANDBY).apply()

        then:
        file() == before
            .replace('role: primary }', 'role: spare }')
            .replace("'standby'", "'primary'")
            .replace('"spare"', '"standby"')
        InventoryReader.read(folder.resolve('main.yml')).cluster('orders').nodes().values()*.role() == [SPARE, PRIMARY, STANDBY]

        where:
        what                         | change
        'is plain'                   | { it }
        'was written on Windows'     | { it.replace('\n', '\r\n') }
        'begins with a mark'         | { '\uFEFF' + it }
        'begins a document'          | { '%YAML 1.1\n---\n' + it }
        'is longer than any buffer'  | { '# 🐘\n' * 5000 + it }
    }

    def "each file of a folder gets its own part"() {
        given:
        write('a.yml', 'clusters: { orders: { nodes: { pg1: { host: a, role: primary } } } }')
        write('b.yml', 'clusters: { billing: { nodes: { pg1: { host: a, role: primary } } } }')
        def inventory = InventoryReader.read(folder)

        when:
        InventoryEdit.roles(inventory, inventory.cluster('billing'), [pg1: SPARE]).apply()

        then:
        Files.readString(folder.resolve('a.yml')).contains('role: primary')
        Files.readString(folder.resolve('b.yml')).contains('role: spare')
    }

    def "the file keeps its mode, and a link stays a link"() {
        given:
        def real = Files.writeString(folder.resolve('real.txt'), YAML)
        Files.setPosixFilePermissions(real, PosixFilePermissions.fromString('rw-r-----'))
        def link = Files.createSymbolicLink(folder.resolve('link.yml'), Path.of('real.txt'))
        def inventory = InventoryReader.read(link)

        when:
        InventoryEdit.roles(inventory, inventory.cluster('orders'), [pg2: SPARE]).apply()

        then:
        Files.isSymbolicLink(link)
        PosixFilePermissions.toString(Files.getPosixFilePermissions(real)) == 'rw-r-----'
        Files.readString(real).contains("'spare'")
        folder.toFile().list().toSorted() == ['link.yml', 'real.txt']
    }

    def "a file that was changed since is left alone, and the edit is told to be made by hand"() {
        given:
        def edit = edit(pg2: SPARE)
        write('# a new line\n' + YAML)

        when:
        edit.apply()

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.REFUSED
        problem.fact() == 'the inventory was changed since it was read'
        problem.hints()*.replace("$folder/", '') == ['Edit by hand main.yml:6: role: standby -> role: spare.']
        problem.state().get() == 'the inventory is as it was'
        file() == '# a new line\n' + YAML
    }

    def "a role that #what is left to a person"() {
        given:
        def edit = edit(yaml, pg1: STANDBY)

        when:
        edit.apply()

        then:
        def problem = thrown(Problem)
        problem.exit() == Exit.REFUSED
        problem.fact() == 'the role of "orders/pg1" is written with an anchor'
        file() == yaml

        where:
        what                     | yaml
        'has an anchor'          | 'clusters: { orders: { nodes: { pg1: { host: a, role: &r spare } } } }'
        'several nodes share'    | 'clusters: { orders: { nodes: { pg1: &n { host: a, role: spare }, pg2: *n } } }'
    }
}
