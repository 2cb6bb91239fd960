/** The command line: parses, prints, asks. Nothing else knows a terminal. */
package org.pgrunbook.cli;
