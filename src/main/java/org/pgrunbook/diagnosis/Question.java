package org.pgrunbook.diagnosis;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The one home of what is asked of PostgreSQL's catalogs and statistics views, and of the few
 * statements that act on what they say. Each is a file of its name, {@code activity.sql}, which
 * says its meaning, the unit of its figures, the predefined role that it needs and the page of
 * PostgreSQL's documentation that it rests on. Most run unchanged on 15 to 18: a setting of a newer
 * version is asked with missing_ok, a newer column through {@code to_jsonb}, so that it is NULL
 * where it does not exist.
 *
 * @see QuestionFile
 * @see <a href="https://www.postgresql.org/docs/current/monitoring-stats.html">The cumulative
 *     statistics system</a>
 */
enum Question {
  SERVER,
  LEFT_ALONE,
  STILL_CHOSEN,
  EVIDENCE,
  ACTIVITY,
  CONNECTION_USAGE,
  CONNECTION_LIMITS,
  CANCEL_STATEMENTS,
  END_SESSIONS,
  RECEPTION,
  WAL_SENDERS,
  SLOTS,
  INACTIVE_SLOTS,
  DROP_SLOT,
  LAG_BY_STAGE,
  REPLAY,
  ARCHIVING,
  PREPARED_TRANSACTIONS,
  DATABASES,
  INVALID_INDEXES,
  SEQUENCES,
  WAL_SIZE,
  WAL_KEEPERS,
  SETTING,
  FREEZE_AGE,
  FREEZE_TABLES,
  XMIN_HOLDERS,
  VACUUMS,
  DEAD_ROWS,
  AUTOVACUUM,
  TEMP_FILES,
  SYNC_STANDBYS,
  STANDBY_STREAM,
  KEPT_WAL,
  CHECKSUMS,
  UNREAD_SETTINGS,
  EXPIRING_ROLES,
  ARCHIVER,
  DATABASE_NAMES,
  RELATIONS_OF_FILES,
  WAL_PLACE,
  CHECKSUM_FAILURES,
  RELATION_PATHS,
  PAGE_LAYOUT,
  CHECKPOINTS,
  CONFIGURATION_FILES,
  TLS,
  LOG_FORMAT,
  CLOCK,
  LOAD,
  WAITS,
  STATEMENT_STATISTICS,
  BLOAT,
  INDEXES,
  FOREIGN_KEYS,
  WHOLE_READS,
  SETTINGS;

  /** {@code {left-alone}} stands for the text of that file, as it is for the oldest servers. */
  private static final Pattern PART =
      Pattern.compile("\\{(left-alone|still-chosen|wal-keepers)\\}");

  @SuppressWarnings("ImmutableEnumChecker") // it is: its map is never written to
  private final QuestionFile file;

  Question() {
    this.file = QuestionFile.read(name().toLowerCase(Locale.ROOT).replace('_', '-') + ".sql");
  }

  /** What its file says of it. */
  QuestionFile file() {
    return file;
  }

  /** The text for servers of every version. */
  String text() {
    return text(QuestionFile.OLDEST);
  }

  /** The text for servers of that major version, or of a newer one than we know. */
  String text(int major) {
    return PART.matcher(file.text(major))
        .replaceAll(part -> Matcher.quoteReplacement(part(part.group(1))));
  }

  private static String part(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_')).text();
  }
}
