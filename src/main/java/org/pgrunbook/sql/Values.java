package org.pgrunbook.sql;

import java.math.BigDecimal;
import java.sql.Array;
import java.sql.Date;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pgrunbook.Problem;
import org.postgresql.util.PGInterval;

/** Makes Java's plain values of PostgreSQL's; {@link Row} says which of which. */
final class Values {
  /** As {@code extract(epoch from interval)} counts them. */
  private static final Duration YEAR = Duration.ofHours(8766);

  private static final Duration MONTH = Duration.ofDays(30);

  private Values() {}

  static Row row(ResultSet result) throws SQLException {
    ResultSetMetaData columns = result.getMetaData();
    Map<String, Object> values = new LinkedHashMap<>();
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      String name = columns.getColumnLabel(i);
      if (values.containsKey(name)) {
        throw Problem.failed("the query has two columns \"" + name + "\"")
            .hint("Give one of them another name with AS.");
      }
      values.put(name, value(result, i));
    }
    return new Row(values);
  }

  private static Object value(ResultSet result, int column) throws SQLException {
    Object value = result.getObject(column);
    return switch (value) {
      case null -> null;
      case Timestamp _ -> timestamp(result, column);
      case Date _ -> result.getObject(column, LocalDate.class);
      case Array array -> list(array);
      default -> plain(value, result.getString(column));
    };
  }

  private static Object plain(Object value, String text) {
    return switch (value) {
      case Integer _, Long _ -> ((Number) value).longValue();
      case BigDecimal _, Double _, Float _, Boolean _, byte[] _ -> value;
      case PGInterval interval -> duration(interval);
      case Timestamp stamp -> stamp.toInstant();
      default -> text;
    };
  }

  private static List<Object> list(Array array) throws SQLException {
    return Arrays.stream((Object[]) array.getArray())
        .map(item -> item == null ? null : plain(item, item.toString()))
        .toList();
  }

  /**
   * The driver calls both kinds of time stamp Timestamp, but refuses to make an instant's date and
   * time without a zone.
   */
  private static Object timestamp(ResultSet result, int column) throws SQLException {
    try {
      return result.getObject(column, LocalDateTime.class);
    } catch (SQLException e) {
      return result.getObject(column, OffsetDateTime.class).toInstant();
    }
  }

  private static Duration duration(PGInterval interval) {
    return YEAR.multipliedBy(interval.getYears())
        .plus(MONTH.multipliedBy(interval.getMonths()))
        .plusDays(interval.getDays())
        .plusHours(interval.getHours())
        .plusMinutes(interval.getMinutes())
        .plusSeconds(interval.getWholeSeconds())
        .plusNanos(interval.getMicroSeconds() * 1_000L);
  }
}
