package org.pgrunbook.sql;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pgrunbook.DataSize;
import org.pgrunbook.Nearest;
import org.pgrunbook.Problem;

/**
 * One row of a result: a map from column names, in the query's order and case, to plain values.
 *
 * <table>
 *   <caption>Types</caption>
 *   <tr><th>PostgreSQL</th><th>here</th></tr>
 *   <tr><td>smallint, integer, bigint, oid</td><td>{@code Long}</td></tr>
 *   <tr><td>numeric</td><td>{@code BigDecimal}</td></tr>
 *   <tr><td>real, double precision</td><td>{@code Float}, {@code Double}</td></tr>
 *   <tr><td>boolean</td><td>{@code Boolean}</td></tr>
 *   <tr><td>timestamp with time zone</td><td>{@code Instant}</td></tr>
 *   <tr><td>timestamp, date</td><td>{@code LocalDateTime}, {@code LocalDate}</td></tr>
 *   <tr><td>interval</td><td>{@code Duration}, a month counting 30 days</td></tr>
 *   <tr><td>bytea</td><td>{@code byte[]}</td></tr>
 *   <tr><td>arrays</td><td>{@code List}</td></tr>
 *   <tr><td>everything else, pg_lsn too</td><td>{@code String}</td></tr>
 * </table>
 *
 * <p>{@code row.datname} and {@code row['datname']} read a column in Groovy; {@code
 * row.text('datname')} and the like also give it a type. A column that is not there is an error, a
 * NULL is {@code null}.
 *
 * @see <a href="https://www.postgresql.org/docs/current/datatype.html">Data types</a>
 */
public final class Row extends AbstractMap<String, Object> {
  private final Map<String, Object> values;

  Row(Map<String, Object> values) {
    this.values = Collections.unmodifiableMap(values);
  }

  /** A row that no server sent: what a dry run assumes. */
  public static Row of(Map<String, ?> values) {
    return new Row(new LinkedHashMap<>(values));
  }

  /** The names of the columns in the query's order. */
  public List<String> columns() {
    return new ArrayList<>(values.keySet());
  }

  /**
   * The value of a column.
   *
   * @throws Problem with exit 1 if there is no such column
   */
  @Override
  public Object get(Object column) {
    if (!values.containsKey(column)) {
      throw Problem.failed("the result has no column \"" + column + "\"")
          .hint(Nearest.hint(String.valueOf(column), columns()));
    }
    return values.get(column);
  }

  /** A column of any type as text. */
  public String text(String column) {
    return as(String.class, column);
  }

  /** A column of whole numbers. */
  public Long number(String column) {
    return as(Long.class, column);
  }

  /** A numeric or whole column. */
  public BigDecimal decimal(String column) {
    return as(BigDecimal.class, column);
  }

  /** A boolean column. */
  public Boolean bool(String column) {
    return as(Boolean.class, column);
  }

  /** A timestamp with time zone. */
  public Instant instant(String column) {
    return as(Instant.class, column);
  }

  /** An interval. */
  public Duration duration(String column) {
    return as(Duration.class, column);
  }

  /** A column that counts bytes. */
  public DataSize bytes(String column) {
    return as(DataSize.class, column);
  }

  /** An array. */
  @SuppressWarnings("unchecked")
  public List<Object> list(String column) {
    return as(List.class, column);
  }

  /**
   * The value of a column as a type; {@code null} stays {@code null}.
   *
   * @throws Problem with exit 1 if it is of another type
   */
  public <T> T as(Class<T> type, String column) {
    Object value = get(column);
    Object result =
        switch (value) {
          case Object any when type == String.class -> any.toString();
          case Long bytes when type == DataSize.class -> new DataSize(bytes);
          case Long whole when type == BigDecimal.class -> BigDecimal.valueOf(whole);
          case Long whole when type == Integer.class -> Math.toIntExact(whole);
          case BigDecimal bytes when type == DataSize.class -> new DataSize(bytes.longValueExact());
          case null, default -> value;
        };
    if (result != null && !type.isInstance(result)) {
      throw Problem.failed(
          "column \"%s\" holds %s %s, not %s"
              .formatted(column, value.getClass().getSimpleName(), value, type.getSimpleName()));
    }
    return type.cast(result);
  }

  @Override
  public Set<Entry<String, Object>> entrySet() {
    return values.entrySet();
  }
}
