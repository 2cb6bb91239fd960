package org.pgrunbook.backup;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Lsn;

/**
 * Where a recovery stops.
 *
 * @param kind what the value means
 * @param value as PostgreSQL's settings take it; empty for the latest and for immediate
 * @param inclusive whether what lies exactly at the target is still replayed; true unless a time,
 *     an LSN or a transaction says otherwise
 * @see <a
 *     href="https://www.postgresql.org/docs/current/runtime-config-wal.html#RUNTIME-CONFIG-WAL-RECOVERY-TARGET">Recovery
 *     target</a>
 */
public record RecoveryTarget(Kind kind, String value, boolean inclusive) {
  /** The end of the archive. */
  public static final RecoveryTarget LATEST = new RecoveryTarget(Kind.LATEST, "", true);

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
    /** The end of the backup: the first moment at which its data are consistent. */
    IMMEDIATE,
    /** The end of the archive. */
    LATEST;

    /** Whether it can be told to stop just before what it names. */
    boolean canExclude() {
      return this == TIME || this == LSN || this == XID;
    }
  }

  /**
   * The one target that is given; the latest if none is.
   *
   * @param immediate the end of the backup
   * @param inclusive whether what lies exactly at the target is still replayed
   * @throws Problem with exit 2 if there is more than one (P42)
   */
  public static RecoveryTarget of(
      Instant time, Lsn lsn, String name, String xid, boolean immediate, boolean inclusive) {
    List<RecoveryTarget> given = new ArrayList<>();
    Optional.ofNullable(time)
        .ifPresent(it -> given.add(new RecoveryTarget(Kind.TIME, it.toString(), inclusive)));
    Optional.ofNullable(lsn)
        .ifPresent(it -> given.add(new RecoveryTarget(Kind.LSN, it.toString(), inclusive)));
    Optional.ofNullable(name)
        .ifPresent(it -> given.add(new RecoveryTarget(Kind.NAME, it, inclusive)));
    Optional.ofNullable(xid)
        .ifPresent(it -> given.add(new RecoveryTarget(Kind.XID, it, inclusive)));
    if (immediate) {
      given.add(new RecoveryTarget(Kind.IMMEDIATE, "", inclusive));
    }
    if (given.size() > 1) {
      throw Problem.usage("more than one recovery target: " + given)
          .hint("Give only one of time, lsn, name, xid and immediate.");
    }
    if (xid != null && !xid.matches("\\d{1,10}")) {
      throw Problem.usage("\"" + xid + "\" is no transaction id")
          .hint("Write it as a number, without its epoch: txid_current() modulo 2^32.");
    }
    RecoveryTarget target = given.isEmpty() ? LATEST : given.getFirst();
    if (!inclusive && !target.kind().canExclude()) {
      throw Problem.usage("nothing lies at the target \"" + target + "\" that could be left out")
          .hint("Leave inclusive=false out: it goes with time, lsn and xid.");
    }
    return target;
  }

  /** The settings that aim at it; a time is written in UTC with its offset (P40). */
  Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    switch (kind) {
      case TIME ->
          settings.put(
              "recovery_target_time", time().toString().replace("T", " ").replace("Z", "+00"));
      case LSN -> settings.put("recovery_target_lsn", value);
      case NAME -> settings.put("recovery_target_name", value);
      case XID -> settings.put("recovery_target_xid", value);
      case IMMEDIATE -> settings.put("recovery_target", "immediate");
      case LATEST -> {}
    }
    if (!inclusive) {
      settings.put("recovery_target_inclusive", "off");
    }
    return settings;
  }

  /** Whether it is something that has to be looked for in the WAL. */
  boolean isEvent() {
    return kind == Kind.NAME || kind == Kind.XID;
  }

  /** Whether a transaction that ended then is after a target time, and so stops the recovery. */
  boolean isStoppedBy(Instant end) {
    return inclusive ? end.isAfter(time()) : !end.isBefore(time());
  }

  Instant time() {
    return Instant.parse(value);
  }

  Lsn lsn() {
    return Lsn.parse(value);
  }

  @Override
  public String toString() {
    String word = kind.name().toLowerCase(Locale.ROOT);
    return (inclusive ? "" : "just before ") + (value.isEmpty() ? word : word + " " + value);
  }
}
