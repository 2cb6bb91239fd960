package org.pgrunbook.runbook;

import java.time.Duration;
import org.pgrunbook.DataSize;

/** Numbers with units, as runbooks write them: {@code 16.MB}, seconds. */
public final class Units {
  private Units() {}

  /** 1,024 bytes each. */
  public static DataSize getkB(Integer number) {
    return new DataSize((long) number << 10);
  }

  /** 1,024 kB each. */
  public static DataSize getMB(Integer number) {
    return new DataSize((long) number << 20);
  }

  /** 1,024 MB each. */
  public static DataSize getGB(Integer number) {
    return new DataSize((long) number << 30);
  }

  /** seconds. */
  public static Duration getSeconds(Integer number) {
    return Duration.ofSeconds(number);
  }

  /** minutes. */
  public static Duration getMinutes(Integer number) {
    return Duration.ofMinutes(number);
  }

  /** hours. */
  public static Duration getHours(Integer number) {
    return Duration.ofHours(number);
  }

  /** 24 hours each. */
  public static Duration getDays(Integer number) {
    return Duration.ofDays(number);
  }
}
