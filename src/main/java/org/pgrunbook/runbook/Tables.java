package org.pgrunbook.runbook;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Json;

/** Makes a table of a record, a map, or a list of them. */
final class Tables {
  private Tables() {}

  static Event.Tabled of(Object rows) {
    Collection<?> all = rows instanceof Collection<?> items ? items : List.of(rows);
    List<Map<String, Object>> maps = all.stream().map(Tables::fields).toList();
    Set<String> columns = new LinkedHashSet<>();
    maps.forEach(map -> columns.addAll(map.keySet()));
    List<List<Object>> cells = new ArrayList<>();
    for (Map<String, Object> map : maps) {
      List<Object> row = new ArrayList<>();
      columns.forEach(column -> row.add(map.get(column)));
      cells.add(row);
    }
    return new Event.Tabled(List.copyOf(columns), cells);
  }

  private static Map<String, Object> fields(Object row) {
    if (row instanceof Map<?, ?> map) {
      Map<String, Object> result = new java.util.LinkedHashMap<>();
      map.forEach((key, value) -> result.put(key.toString(), value));
      return result;
    }
    if (row instanceof Record record && !Json.isScalar(record.getClass())) {
      return components(record);
    }
    return Map.of("value", row);
  }

  private static Map<String, Object> components(Record record) {
    Map<String, Object> result = new java.util.LinkedHashMap<>();
    Arrays.stream(record.getClass().getRecordComponents())
        .forEach(
            component -> {
              try {
                result.put(component.getName(), component.getAccessor().invoke(record));
              } catch (ReflectiveOperationException e) {
                throw new IllegalArgumentException(record.getClass() + " is not public", e);
              }
            });
    return result;
  }
}
