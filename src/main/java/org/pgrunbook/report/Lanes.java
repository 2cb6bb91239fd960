package org.pgrunbook.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Lays operations that went on at the same time beside each other. */
final class Lanes {
  private Lanes() {}

  /**
   * Each lane has what came after each other.
   *
   * @param limit how many lanes there may be; what finds none that is free is laid over the last
   */
  static List<List<Deed>> of(List<Deed> deeds, int limit) {
    List<List<Deed>> lanes = new ArrayList<>();
    List<Instant> free = new ArrayList<>();
    for (Deed deed : deeds.stream().sorted(Comparator.comparing(Deed::start)).toList()) {
      int lane = 0;
      while (lane < free.size() && free.get(lane).isAfter(deed.start()) && lane < limit - 1) {
        lane++;
      }
      if (lane == free.size()) {
        lanes.add(new ArrayList<>());
        free.add(deed.end());
      } else if (free.get(lane).isBefore(deed.end())) {
        free.set(lane, deed.end());
      }
      lanes.get(lane).add(deed);
    }
    return lanes;
  }
}
