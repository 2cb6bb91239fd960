package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.time.Instant;
import org.pgrunbook.Durations;

/**
 * How old the newest backup of a cluster is.
 *
 * @param cluster its name
 * @param limit how old it may be
 * @param newest when it ended; null if there is none
 * @param age how long ago; null if there is none
 * @param obstacle why nobody can tell; null if somebody can
 */
public record BackupAge(
    String cluster, Duration limit, Instant newest, Duration age, String obstacle) {
  static final String INCIDENT = "backup-too-old";

  /** From so many times the limit on it is an emergency. */
  private static final int CRITICAL = 2;

  /** What was found out. */
  public Finding finding() {
    if (obstacle != null) {
      return new Finding(Verdict.UNKNOWN, INCIDENT, null, "nobody can tell: " + obstacle, null);
    }
    if (age == null) {
      return found(Verdict.CRIT, "there is no backup");
    }
    if (age.compareTo(limit) <= 0) {
      return Finding.ok(
          INCIDENT, null, "the newest backup is not older than " + Durations.show(limit));
    }
    boolean critical = age.compareTo(limit.multipliedBy(CRITICAL)) > 0;
    return found(
        critical ? Verdict.CRIT : Verdict.WARN,
        "the newest backup is " + Durations.show(age) + " old");
  }

  private Finding found(Verdict verdict, String fact) {
    return new Finding(
        verdict, INCIDENT, null, fact, "pgrunbook run incident/backup-too-old " + cluster);
  }

  /** Its age as a figure; null if there is none. */
  public Figure figure() {
    return age == null
        ? null
        : new Figure(
            null,
            "backup_age",
            age.toSeconds(),
            "s",
            limit.toSeconds(),
            limit.multipliedBy(CRITICAL).toSeconds());
  }
}
