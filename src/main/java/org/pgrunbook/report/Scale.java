package org.pgrunbook.report;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pgrunbook.Durations;

/**
 * Where an instant of a run is drawn, from 0 to 100. A long wait is drawn shorter than it was, so
 * that a person who took five minutes to answer does not press all the work into a hair.
 */
final class Scale {
  /** A mark on the axis. */
  record Tick(double at, String text) {}

  private record Stretch(long from, long to, double left, double width) {}

  /** A wait that is longer than this part of the work is drawn shorter. */
  private static final double LONG = 0.25;

  private static final double DRAWN = 0.08;
  private static final int TICKS = 6;
  private static final double APART = 13;
  private static final List<Duration> UNITS =
      List.of(
          Duration.ofMillis(1),
          Duration.ofMillis(100),
          Duration.ofSeconds(1),
          Duration.ofMinutes(1),
          Duration.ofHours(1));
  private static final long[] STEPS = {1, 2, 5, 10, 15, 30, 60};

  private final Instant start;
  private final List<Stretch> stretches = new ArrayList<>();
  private final List<Gap> shortened;

  Scale(Account account, List<Gap> gaps) {
    this.start = account.start();
    long total = Math.max(1, account.took().toNanos());
    long waits = gaps.stream().mapToLong(gap -> gap.took().toNanos()).sum();
    double work = Math.max((double) (total - waits), total * 0.01);
    this.shortened = gaps.stream().filter(gap -> gap.took().toNanos() > LONG * work).toList();
    double drawn = total;
    for (Gap gap : shortened) {
      drawn += DRAWN * work - gap.took().toNanos();
    }
    long at = 0;
    double left = 0;
    for (Gap gap : shortened) {
      left = stretch(at, nanos(gap.start()), left, (nanos(gap.start()) - at) / drawn * 100);
      left = stretch(nanos(gap.start()), nanos(gap.end()), left, DRAWN * work / drawn * 100);
      at = nanos(gap.end());
    }
    stretch(at, total, left, 100 - left);
  }

  private double stretch(long from, long to, double left, double width) {
    stretches.add(new Stretch(from, Math.max(from + 1, to), left, width));
    return left + width;
  }

  private long nanos(Instant at) {
    return Duration.between(start, at).toNanos();
  }

  /** From 0 to 100. */
  double at(Instant instant) {
    long nanos = nanos(instant);
    Stretch in =
        stretches.stream()
            .filter(stretch -> nanos <= stretch.to)
            .findFirst()
            .orElse(stretches.getLast());
    double part = (double) (nanos - in.from) / (in.to - in.from);
    return Math.clamp(in.left + part * in.width, 0, 100);
  }

  /** {@code left:12.5%;width:3%}. */
  String place(Instant from, Instant to) {
    double left = at(from);
    return String.format(Locale.ROOT, "left:%.2f%%;width:%.2f%%", left, at(to) - left);
  }

  /** Whether a wait is drawn shorter than it was. */
  boolean shortens(Gap gap) {
    return shortened.contains(gap);
  }

  /** The marks of the axis: so long after the begin, not too near to each other. */
  List<Tick> ticks() {
    List<Tick> ticks = new ArrayList<>();
    ticks.add(new Tick(0, "0"));
    for (Stretch stretch : stretches) {
      boolean wait = shortened.stream().anyMatch(gap -> nanos(gap.start()) == stretch.from);
      if (wait || stretch.width < APART) {
        continue;
      }
      int wanted = (int) Math.max(1, Math.round(TICKS * stretch.width / 100));
      Duration step = step((stretch.to - stretch.from) / wanted);
      long each = step.toNanos();
      for (long at = (stretch.from / each + 1) * each; at < stretch.to; at += each) {
        double place = at(start.plusNanos(at));
        if (place - ticks.getLast().at >= APART && place <= 100 - APART / 2) {
          ticks.add(new Tick(place, "+" + Durations.show(Duration.ofNanos(at))));
        }
      }
    }
    return ticks;
  }

  /** The next longer one that people count in. */
  private static Duration step(long nanos) {
    for (Duration unit : UNITS) {
      for (long step : STEPS) {
        if (unit.multipliedBy(step).toNanos() >= nanos) {
          return unit.multipliedBy(step);
        }
      }
    }
    return Duration.ofDays(1 + Duration.ofNanos(nanos).toDays());
  }
}
