package org.pgrunbook.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** A statement and the values of its question marks. */
record Query(String sql, List<Object> parameters) {

  static Query of(String sql, Object... parameters) {
    return new Query(sql, Arrays.asList(parameters));
  }

  List<Row> rows(Connection connection) throws SQLException {
    try (Statement statement = executed(connection)) {
      ResultSet result = statement.getResultSet();
      List<Row> rows = new ArrayList<>();
      while (result != null && result.next()) {
        rows.add(Values.row(result));
      }
      return rows;
    }
  }

  /** How many rows it changed or, of a query, returned. */
  int execute(Connection connection) throws SQLException {
    try (Statement statement = executed(connection)) {
      int changed = statement.getUpdateCount();
      if (changed >= 0) {
        return changed;
      }
      int returned = 0;
      while (statement.getResultSet().next()) {
        returned++;
      }
      return returned;
    }
  }

  private Statement executed(Connection connection) throws SQLException {
    if (parameters.isEmpty()) {
      // Not prepared: a question mark may be an operator here.
      Statement statement = connection.createStatement();
      statement.execute(sql);
      return statement;
    }
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < parameters.size(); i++) {
      bind(statement, i + 1, parameters.get(i));
    }
    statement.execute();
    return statement;
  }

  /** As text without a type, so that the server decides what it is, as it does with a literal. */
  private static void bind(PreparedStatement statement, int index, Object value)
      throws SQLException {
    switch (value) {
      case null -> statement.setNull(index, Types.NULL);
      case byte[] bytes -> statement.setBytes(index, bytes);
      case Collection<?> list -> {
        Object[] items = list.stream().map(item -> item == null ? null : item.toString()).toArray();
        statement.setString(
            index, statement.getConnection().createArrayOf("text", items).toString());
      }
      default -> statement.setString(index, value.toString());
    }
  }

  /** As it is journalled: {@code select ? -- [1, 'x']}. */
  @Override
  public String toString() {
    return parameters.isEmpty()
        ? sql
        : parameters.stream()
            .map(Query::shown)
            .collect(Collectors.joining(", ", sql + " -- [", "]"));
  }

  private static String shown(Object value) {
    return switch (value) {
      case null -> "null";
      case Number _, Boolean _, Collection<?> _ -> value.toString();
      case byte[] bytes -> bytes.length + " bytes";
      default -> "'" + value + "'";
    };
  }
}
