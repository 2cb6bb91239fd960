package org.pgrunbook.cli;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.pgrunbook.journal.Event;

/**
 * The names of hosts before the lines that their commands write: {@code pg1 | }, all as wide as the
 * widest. As long as a run uses one cluster its name is left out.
 */
final class Margin {
  private static final String NODE = "node ";
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}&&[^\t]]");

  private final Set<String> clusters = new HashSet<>();
  private final Set<String> nodes = new HashSet<>();

  /** Learns which nodes there are. */
  void knows(Event.Used used) {
    used.parts().keySet().stream()
        .filter(part -> part.startsWith(NODE))
        .map(part -> part.substring(NODE.length()))
        .forEach(this::add);
  }

  private void add(String node) {
    nodes.add(node);
    clusters.add(node.replaceFirst("/.*", ""));
  }

  /** What stands before a line of that node. */
  String before(String node) {
    add(node);
    int width = nodes.stream().mapToInt(known -> shown(known).length()).max().orElse(0);
    return shown(node) + " ".repeat(width - shown(node).length()) + "| ";
  }

  private String shown(String node) {
    return clusters.size() == 1 ? node.replaceFirst("^[^/]*/", "") : node;
  }

  /** What a line leaves on a screen; it cannot move about on ours. */
  static String clean(String line) {
    return CONTROL.matcher(line.substring(line.lastIndexOf('\r') + 1)).replaceAll("");
  }
}
