package org.pgrunbook.cli;

import java.util.List;
import java.util.Optional;
import org.pgrunbook.Problem;
import org.pgrunbook.runbook.Answers;

/**
 * Answers by the flags, else asks the person at the terminal.
 *
 * @param terminal where to ask
 * @param yes whether {@code --yes} was given; it never stands for a name that has to be typed
 * @param confirmed the names of {@code --confirm=NAME}
 */
record PersonOrFlags(Terminal terminal, boolean yes, List<String> confirmed) implements Answers {

  @Override
  public Answer confirm(String question, Optional<String> name) {
    if (name.isPresent() && !confirmed.isEmpty()) {
      if (!confirmed.contains(name.get())) {
        throw Problem.refused(
                "--confirm names \"" + String.join("\", \"", confirmed) + "\": " + question)
            .hint("Give --confirm=" + name.get() + " to agree.");
      }
      return new Answer(true, "--confirm=" + name.get());
    }
    if (name.isEmpty() && (yes || !confirmed.isEmpty())) {
      return new Answer(true, yes ? "--yes" : "--confirm");
    }
    String flag = name.map(value -> "--confirm=" + value).orElse("--yes");
    Terminal.LineReader person =
        terminal
            .input()
            .orElseThrow(
                () ->
                    Problem.refused("nobody is there to answer: " + question)
                        .hint(
                            "Give "
                                + flag
                                + " to agree beforehand"
                                + (yes ? "; --yes is not enough for this." : ".")));
    String wanted = name.orElse("yes");
    String typed = person.read(question + "\nType \"" + wanted + "\" to go on: ");
    return new Answer(typed != null && typed.strip().equals(wanted), "typed");
  }
}
