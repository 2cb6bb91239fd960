package org.pgrunbook.runbook;

import java.util.List;
import org.pgrunbook.Nearest;
import org.pgrunbook.Problem;
import org.pgrunbook.runbook.Outline.Item;

/**
 * Where in its runbook a run begins. Steps before it are taken as done by hand, which is possible
 * only as long as nobody needs what they would have returned.
 *
 * @param items what the procedure goes through
 * @param used the outermost steps whose value the rest of the procedure uses
 */
record Beginning(List<Item> items, List<String> used) {

  /**
   * The steps that are not done if the run begins with this one.
   *
   * @throws Problem with exit 2 if there is no such step, with exit 3 that names a step whose value
   *     is needed
   */
  List<String> skippedBefore(String step) {
    List<String> outermost =
        items.stream()
            .filter(item -> item.kind() == Outline.Kind.STEP && item.depth() == 0)
            .map(Item::text)
            .toList();
    int index = outermost.indexOf(step);
    if (index < 0) {
      throw Problem.usage("there is no step \"" + step + "\" to begin with")
          .hint(Nearest.hint(step, outermost))
          .hint("A step inside of another, or one whose name the run makes, is none.");
    }
    List<String> skipped = outermost.subList(0, index);
    skipped.stream()
        .filter(used::contains)
        .findFirst()
        .ifPresent(
            needed -> {
              throw Problem.refused("what step \"" + needed + "\" returns is needed later on")
                  .hint("Begin with that step, or with one before it.")
                  .hint("A run that was ended goes on by itself: pgrunbook resume RUN.")
                  .state("nothing was changed");
            });
    return skipped;
  }
}
