/**
 * The runbook language: finding, checking, compiling and running runbooks, and the words they are
 * written in.
 */
package org.pgrunbook.runbook;
