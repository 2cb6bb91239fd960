package org.pgrunbook.runbook;

import java.time.Duration;
import org.pgrunbook.DataSize;

/** Numbers with units, as runbooks write them: {@code 16.MB}, {@code 30.seconds}. */
public final class Units {
  private Units() {}

  public static DataSize getkB(Integer number) {
    return new DataSize((long) number << 10);
  }

  public static DataSize getMB(Integer number) {
    return new DataSize((long) number << 20);
  }

  public static DataSize getGB(Integer number) {
    return new DataSize((long) number << 30);
  }

  public static Duration getSeconds(Integer number) {
    return Duration.ofSeconds(number);
  }

  public static Duration getMinutes(Integer number) {
    return Duration.ofMinutes(number);
  }

  public static Duration getHours(Integer number) {
    return Duration.ofHours(number);
  }

  public static Duration getDays(Integer number) {
    return Duration.ofDays(number);
  }
}
