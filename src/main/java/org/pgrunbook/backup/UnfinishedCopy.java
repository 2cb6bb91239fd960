package org.pgrunbook.backup;

import java.util.ArrayList;
import java.util.List;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.ssh.Command;

/**
 * A copy of a server's files that says itself, by a file in it, that it is no standby yet: until
 * then nothing is lost with it, and it may be begun anew.
 *
 * @param target where it is
 * @param data its data directory
 */
record UnfinishedCopy(Node target, String data) {
  private static final String MARK = "/COPY_UNFINISHED";

  private static final String BEGIN =
      """
      mkdir --parents --mode=0700 -- "$1" && : > "$1/COPY_UNFINISHED"
      """;

  /** The mark goes last, so that what is cut short can be done again. */
  private static final String CLEAR =
      """
      for folder; do
          [ ! -d "$folder" ] || find "$folder" -mindepth 1 ! -path "$1/COPY_UNFINISHED" -delete || exit
      done
      rm -- "$1/COPY_UNFINISHED"
      """;

  /** Makes the data directory, and says in it what becomes of it. */
  void begin() {
    target.getSsh().run(Command.changeScript(BEGIN, data));
  }

  /**
   * Removes what is there, if it is one.
   *
   * @param tablespaces the folders beside it that belong to it: they were empty when it began
   */
  void clear(List<String> tablespaces) {
    Command look = Command.probe("test", "-e", data + MARK).accept(0, 1);
    if (target.getSsh().run(look).exit() == 0) {
      List<String> folders = new ArrayList<>(List.of(data));
      folders.addAll(tablespaces);
      target.getSsh().run(Command.changeScript(CLEAR, folders.toArray(String[]::new)));
    }
  }
}
