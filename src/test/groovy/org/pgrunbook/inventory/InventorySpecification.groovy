package org.pgrunbook.inventory

import java.nio.file.Files
import java.nio.file.Path
import org.pgrunbook.Problem
import spock.lang.Specification
import spock.lang.TempDir

/** Writes inventories and reads them. */
abstract class InventorySpecification extends Specification {
    @TempDir
    Path folder

    Path write(String name = 'main.yml', String yaml) {
        Files.writeString(folder.resolve(name), yaml)
    }

    Inventory read(String yaml) {
        InventoryReader.read(write(yaml))
    }

    /** A cluster of one node that has the given line besides its host and role. */
    Inventory readNode(String line) {
        read("clusters:\n  orders:\n    nodes:\n      pg1:\n        host: h\n        role: primary\n        $line\n")
    }

    NodeSpec node(Inventory inventory) {
        inventory.cluster('orders').node('pg1')
    }

    /** Where a problem is, without the folder. */
    String place(Problem problem) {
        relative(problem.where().orElse(''))
    }

    String relative(String text) {
        text.replace("$folder/", '')
    }

    /** All that a person could be shown of a problem. */
    String everything(Problem problem) {
        def trace = new StringWriter()
        problem.printStackTrace(new PrintWriter(trace))
        [problem.fact(), problem.hints(), problem.where(), problem.state(), trace].join('\n').replace(folder.toString(), '')
    }
}
