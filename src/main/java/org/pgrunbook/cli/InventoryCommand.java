package org.pgrunbook.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code pgrunbook inventory}: what there is. */
@Command(name = "inventory", description = "Show the inventory.", mixinStandardHelpOptions = true)
final class InventoryCommand implements Runnable {
  @ParentCommand private Main main;

  @Override
  public void run() {
    main.inventory();
  }
}
