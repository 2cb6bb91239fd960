package org.pgrunbook.backup;

import org.pgrunbook.Problem;

/**
 * How hard a backup works its host and the network.
 *
 * @param processes how many read and compress on the host at once
 * @param level how hard they compress
 * @param limit how fast what they make may travel, all together
 */
record Load(int processes, int level, RateLimit limit) {
  Load {
    if (processes < 1) {
      throw Problem.usage(processes + " processes copy nothing").hint("Give 1 or more.");
    }
  }
}
