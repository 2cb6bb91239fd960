package org.pgrunbook.postgres;

import org.pgrunbook.Changes;
import org.pgrunbook.inventory.InventoryEdit;
import org.pgrunbook.journal.Doubt;
import org.pgrunbook.journal.Operation;
import org.pgrunbook.journal.Run;

/** The edit that makes the inventory declare how the nodes of a cluster really stand. */
public final class RoleEdit {
  private final String cluster;
  private final InventoryEdit edit;
  private final Run run;

  RoleEdit(String cluster, InventoryEdit edit, Run run) {
    this.cluster = cluster;
    this.edit = edit;
    this.run = run;
  }

  /** One line for each role to change; empty if there is none. */
  public String text() {
    return edit.text();
  }

  /**
   * Writes it into the inventory files. If there is nothing to change it does nothing.
   *
   * @throws org.pgrunbook.Problem with exit 3 if the files are no longer as they were read, or only
   *     a person should edit them
   */
  @Changes
  public void apply() {
    if (edit.changes().isEmpty()) {
      return;
    }
    Doubt.repeatable(
        () ->
            run.means()
                .change(
                    Operation.change(Operation.Wire.FILE, cluster, text()),
                    true,
                    meter -> {
                      edit.apply();
                      return true;
                    }));
  }
}
