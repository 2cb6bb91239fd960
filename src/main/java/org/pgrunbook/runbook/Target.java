package org.pgrunbook.runbook;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/**
 * Declares what a runbook acts on: {@code @Target Cluster cluster} or {@code @Target Node node}. It
 * is the TARGET of the command line, {@code CLUSTER} or {@code CLUSTER/NODE}.
 */
@Retention(RetentionPolicy.SOURCE)
@java.lang.annotation.Target({ElementType.LOCAL_VARIABLE, ElementType.FIELD})
public @interface Target {}
