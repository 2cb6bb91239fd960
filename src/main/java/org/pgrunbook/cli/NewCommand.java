package org.pgrunbook.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Pattern;
import org.pgrunbook.Problem;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code pgrunbook new}: the skeleton of a runbook of one's own. */
@Command(
    name = "new",
    description = "Write the skeleton of a runbook of your own, under ./runbooks.",
    mixinStandardHelpOptions = true)
final class NewCommand implements Runnable {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][\\w.-]*(/[A-Za-z0-9][\\w.-]*)*");

  @ParentCommand private Main main;

  @Parameters(paramLabel = "RUNBOOK", description = "Its name, such as myteam/restart.")
  private String runbook;

  @Override
  public void run() {
    String name = runbook.replaceFirst("\\.groovy$", "");
    if (!NAME.matcher(name).matches()) {
      throw Problem.usage("\"" + runbook + "\" is no name of a runbook")
          .hint("Use letters, digits and dashes, and slashes between folders: myteam/restart.");
    }
    boolean replaces = main.library().names().contains(name);
    Path file = main.terminal.folder().resolve("runbooks").resolve(name + ".groovy");
    write(file);
    main.terminal.out().println("wrote " + main.terminal.folder().relativize(file));
    if (replaces) {
      main.terminal.out().println("it takes the place of the shipped runbook of the same name");
    }
    main.terminal.out().println("next: pgrunbook check " + name);
    main.terminal.out().flush();
  }

  private static void write(Path file) {
    try (InputStream skeleton = NewCommand.class.getResourceAsStream("skeleton.groovy")) {
      Files.createDirectories(file.getParent());
      Files.write(file, skeleton.readAllBytes(), StandardOpenOption.CREATE_NEW);
    } catch (FileAlreadyExistsException e) {
      throw Problem.refused("there is a file \"" + file + "\" already")
          .hint("Choose another name, or edit that file.")
          .state("nothing was written")
          .because(e);
    } catch (IOException e) {
      throw Problem.usage("cannot write \"" + file + "\": " + e.getMessage()).because(e);
    }
  }
}
