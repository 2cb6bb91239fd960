package org.pgrunbook.report;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.pgrunbook.Durations;

/**
 * A while in which no operation went on: somebody was asked, or something was waited for.
 *
 * @param answered whether a person's answer ended it
 */
record Gap(Instant start, Instant end, boolean answered) {
  private static final Duration SHORT = Duration.ofSeconds(1);

  /** What is no more than this part of a run is not worth telling. */
  private static final int PART = 20;

  Duration took() {
    return Duration.between(start, end);
  }

  /** {@code 4 min 10 s until it was answered}. */
  String words() {
    return Durations.show(took())
        + (answered ? " until it was answered" : " without any operation");
  }

  /** Those of a run, in order. */
  static List<Gap> of(Account account) {
    Duration least = account.took().dividedBy(PART);
    Duration limit = least.compareTo(SHORT) > 0 ? least : SHORT;
    List<Deed> deeds = account.deeds().sorted(Comparator.comparing(Deed::start)).toList();
    List<Gap> gaps = new ArrayList<>();
    Instant busy = account.start();
    for (Deed deed : deeds) {
      add(gaps, account, busy, deed.start(), limit);
      busy = deed.end().isAfter(busy) ? deed.end() : busy;
    }
    add(gaps, account, busy, account.end(), limit);
    return List.copyOf(gaps);
  }

  private static void add(
      List<Gap> gaps, Account account, Instant from, Instant to, Duration limit) {
    if (Duration.between(from, to).compareTo(limit) > 0) {
      boolean answered =
          account.told(Told.Kind.ANSWER).stream()
              .map(Told::at)
              .anyMatch(at -> at.isAfter(from) && !at.isAfter(to));
      gaps.add(new Gap(from, to, answered));
    }
  }
}
