/**
 * Tests of runbooks: run on the sandbox's servers, on servers of your own, or on recorded answers.
 */
package org.pgrunbook.testing;
