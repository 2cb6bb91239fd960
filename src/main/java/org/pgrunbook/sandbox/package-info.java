/**
 * The sandbox: a cluster on this machine to try things on. One primary, two standbys and a spare
 * host, each with its own SSH server, and an S3 store; it leaves nothing behind.
 */
package org.pgrunbook.sandbox;
