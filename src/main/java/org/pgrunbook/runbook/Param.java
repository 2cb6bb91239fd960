package org.pgrunbook.runbook;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/**
 * Declares a parameter of a runbook: {@code @Param('refuse above this loss') DataSize maxLoss =
 * 0.MB}.
 *
 * <p>The initial value is the default; without one the parameter is null unless given. On the
 * command line it is {@code -p maxLoss=16MB} or {@code -p max-loss=16MB}.
 */
@Retention(RetentionPolicy.SOURCE)
@java.lang.annotation.Target({ElementType.LOCAL_VARIABLE, ElementType.FIELD})
public @interface Param {
  /** What it means, for {@code pgrunbook show}. */
  String value();

  /** Whether the run is refused unless it is given. */
  boolean required() default false;
}
