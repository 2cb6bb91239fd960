/**
 * Backups, WAL archive and restore: the verbs and rules of the trade, and the open format of the
 * repository.
 */
package org.pgrunbook.backup;
