package org.pgrunbook.backup;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Lsn;

/**
 * Where a recovery stops.
 *
 * @param kind what the value means
 * @param value as PostgreSQL's settings take it; empty for the latest
 * @see <a
 *     href="https://www.postgresql.org/docs/current/runtime-config-wal.html#RUNTIME-CONFIG-WAL-RECOVERY-TARGET">Recovery
 *     target</a>
 */
public record RecoveryTarget(Kind kind, String value) {

  /** What can be aimed at. */
  public enum Kind {
    /** The last commit at or before a time. */
    TIME,
    /** A position in the WAL. */
    LSN,
    /** A restore point. */
    NAME,
    /** The end of a transaction. */
    XID,
    /** The end of the archive. */
    LATEST
  }

  /**
   * The one target that is given; the latest if none is.
   *
   * @throws Problem with exit 2 if there is more than one (P42)
   */
  public static RecoveryTarget of(Instant time, Lsn lsn, String name, String xid) {
    List<RecoveryTarget> given =
        Stream.of(
                Optional.ofNullable(time)
                    .map(value -> new RecoveryTarget(Kind.TIME, value.toString())),
                Optional.ofNullable(lsn)
                    .map(value -> new RecoveryTarget(Kind.LSN, value.toString())),
                Optional.ofNullable(name).map(value -> new RecoveryTarget(Kind.NAME, value)),
                Optional.ofNullable(xid).map(value -> new RecoveryTarget(Kind.XID, value)))
            .flatMap(Optional::stream)
            .toList();
    if (given.size() > 1) {
      throw Problem.usage("more than one recovery target: " + given)
          .hint("Give only one of time, lsn, name and xid.");
    }
    if (xid != null && !xid.matches("\\d{1,10}")) {
      throw Problem.usage("\"" + xid + "\" is no transaction id")
          .hint("Write it as a number, without its epoch: txid_current() modulo 2^32.");
    }
    return given.isEmpty() ? new RecoveryTarget(Kind.LATEST, "") : given.getFirst();
  }

  /** The settings that aim at it; a time is written in UTC with its offset (P40). */
  Map<String, String> settings() {
    return switch (kind) {
      case TIME ->
          Map.of("recovery_target_time", time().toString().replace("T", " ").replace("Z", "+00"));
      case LSN -> Map.of("recovery_target_lsn", value);
      case NAME -> Map.of("recovery_target_name", value);
      case XID -> Map.of("recovery_target_xid", value);
      case LATEST -> Map.of();
    };
  }

  /** Whether it is something that has to be looked for in the WAL. */
  boolean isEvent() {
    return kind == Kind.NAME || kind == Kind.XID;
  }

  Instant time() {
    return Instant.parse(value);
  }

  Lsn lsn() {
    return Lsn.parse(value);
  }

  @Override
  public String toString() {
    return kind == Kind.LATEST ? "latest" : kind.name().toLowerCase(Locale.ROOT) + " " + value;
  }
}
