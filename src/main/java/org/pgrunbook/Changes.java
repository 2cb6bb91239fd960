package org.pgrunbook;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a verb of the runbook language that changes something: on a server, its host, in a store or
 * in the inventory. {@code pgrunbook show} names these verbs before anything is run, and {@code
 * pgrunbook check} wants each of them inside a step.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Changes {}
