/**
 * The SQL wire: statements to one server, each an operation of the run, with a limit,
 * interruptible, failing with problems that an operator understands.
 */
package org.pgrunbook.sql;
