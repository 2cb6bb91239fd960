/** The SSH wire: commands, streams and tunnels on a node's host. */
package org.pgrunbook.ssh;
