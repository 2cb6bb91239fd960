package org.pgrunbook.postgres;

import java.time.Instant;

/**
 * Something in the WAL that a recovery can be told to stop at.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/runtime-config-wal.html#RUNTIME-CONFIG-WAL-RECOVERY-TARGET">Recovery
 *     target</a>
 */
public sealed interface WalEvent {
  /**
   * When it happened by the clock of the server that wrote it; the order of events is the LSN's.
   */
  Instant time();

  /**
   * Where its record ends and the next may begin, as {@code pg_create_restore_point} answers it.
   */
  Lsn end();

  /**
   * A transaction ended. One that was prepared ends with COMMIT PREPARED or ROLLBACK PREPARED, not
   * with PREPARE TRANSACTION.
   *
   * @param xid as recovery_target_xid takes it: without its epoch, from 3 to 4294967295; a prepared
   *     transaction's own, not that of the command which ended it
   * @param committed false: it was rolled back, which stops a recovery at a time just as well
   */
  record TransactionEnd(long xid, boolean committed, Instant time, Lsn end) implements WalEvent {}

  /**
   * A restore point was named. PostgreSQL does not flush it: it is in the file once a later commit
   * is.
   *
   * @param name not unique: a recovery stops at the first of that name
   * @see <a
   *     href="https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-BACKUP">pg_create_restore_point</a>
   */
  record RestorePoint(String name, Instant time, Lsn end) implements WalEvent {}
}
