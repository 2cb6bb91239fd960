package org.pgrunbook.sandbox

import java.nio.file.Path

/** Brings a sandbox up in a process of its own, which a specification may kill. */
class BringUp {
    static void main(String... arguments) {
        new Sandbox(Path.of(arguments[0])).up(arguments[1] as int)
    }
}
