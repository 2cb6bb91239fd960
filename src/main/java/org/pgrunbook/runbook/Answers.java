package org.pgrunbook.runbook;

import java.util.Optional;

/** Who answers when a runbook asks: a person at a terminal, or flags given beforehand. */
public interface Answers {

  /**
   * An answer.
   *
   * @param agreed whether to go on
   * @param how how it was given, for the journal: {@code typed}, {@code --yes}, {@code
   *     --confirm=orders}
   */
  record Answer(boolean agreed, String how) {}

  /**
   * Asks whether to go on.
   *
   * @param question what will happen
   * @param name what has to be typed to agree; absent: yes or no is enough
   * @throws org.pgrunbook.Problem with exit 3 if nobody can answer, naming the flag that would
   */
  Answer confirm(String question, Optional<String> name);
}
