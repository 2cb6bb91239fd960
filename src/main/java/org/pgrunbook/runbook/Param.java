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
 *
 * <p>A number, a size or a duration may have a range, in the spelling of the command line:
 * {@code @Param(value = 'how many at once', min = '1', max = '64') Integer processes = 2}. A value
 * outside of it ends the run with 2 before anything is touched.
 */
@Retention(RetentionPolicy.SOURCE)
@java.lang.annotation.Target({ElementType.LOCAL_VARIABLE, ElementType.FIELD})
public @interface Param {
  /** What it means, for {@code pgrunbook show}. */
  String value();

  /** Whether the run is refused unless it is given. */
  boolean required() default false;

  /** The least value of a number, a size or a duration; none unless given. */
  String min() default "";

  /** The greatest value of a number, a size or a duration; none unless given. */
  String max() default "";
}
