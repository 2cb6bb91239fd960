package org.pgrunbook.testing

import java.nio.file.Files
import java.nio.file.Path

/** What docs/writing-runbooks.md shows. */
class Documented {
    static final String TEXT = new File(System.getProperty('pgrunbook.home'), 'docs/writing-runbooks.md').getText('UTF-8')

    /** Its code, in order. */
    static List<String> code() {
        TEXT.findAll(/(?s)```groovy\n(.*?)```/) { it[1] }
    }

    /** A folder with the runbook that it begins with. */
    static Path project() {
        def project = Files.createTempDirectory('pgrunbook-project-')
        def runbook = project.resolve('runbooks/myteam/restart.groovy').toFile()
        runbook.parentFile.mkdirs()
        runbook.text = code().first()
        Runtime.runtime.addShutdownHook(new Thread({ project.toFile().deleteDir() }))
        project
    }
}
