package org.pgrunbook.backup;

import org.pgrunbook.DataSize;
import org.pgrunbook.postgres.Lsn;

/**
 * What was copied from one host to another.
 *
 * @param start from where on the copy needs WAL
 * @param stop where it is consistent
 * @param size of the files
 */
public record Copied(Lsn start, Lsn stop, DataSize size) {}
