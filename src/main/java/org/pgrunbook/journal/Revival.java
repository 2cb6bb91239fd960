package org.pgrunbook.journal;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.pgrunbook.Problem;

/**
 * Gives back from the journal the very values that steps have returned. Beside each value stands
 * its type: a class by its name, {@code [T]} for a list of such and {@code {T}} for a map from text
 * to such; {@code [T|U]} if its items differ.
 */
public final class Revival {
  private static final String NULL = "null";

  private final JsonReader reader;

  /** Finds nodes and clusters by their names. */
  public Revival(JsonReader.Names names) {
    this.reader = new JsonReader(names);
  }

  /** The type of a value as the journal keeps it. */
  public static String type(Object value) {
    return switch (value) {
      case null -> NULL;
      case CharSequence _ -> String.class.getName();
      case Collection<?> items -> "[" + types(items) + "]";
      case Map<?, ?> map -> "{" + types(map.values()) + "}";
      case Enum<?> constant -> constant.getDeclaringClass().getName();
      default -> value.getClass().getName();
    };
  }

  private static String types(Collection<?> items) {
    List<String> each = items.stream().map(Revival::type).toList();
    return each.stream().distinct().count() <= 1
        ? each.stream().findFirst().orElse("")
        : String.join("|", each);
  }

  /**
   * The value again.
   *
   * @throws IllegalArgumentException if the type, or its form, is no longer what it was
   */
  public Object revive(String type, Object json) {
    if (type.equals(NULL) || json == null) {
      return null;
    }
    if (type.startsWith("[") && json instanceof List<?> items) {
      return Collections.unmodifiableList(items(inner(type), items));
    }
    if (type.startsWith("{") && json instanceof Map<?, ?> map) {
      List<Object> values = items(inner(type), List.copyOf(map.values()));
      Map<Object, Object> result = new LinkedHashMap<>();
      int index = 0;
      for (Object key : map.keySet()) {
        result.put(key, values.get(index++));
      }
      return Collections.unmodifiableMap(result);
    }
    try {
      return reader.value(Class.forName(type), json);
    } catch (ClassNotFoundException e) {
      throw new IllegalArgumentException("there is no type " + type, e);
    }
  }

  private List<Object> items(List<String> types, List<?> items) {
    List<Object> result = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      result.add(revive(types.get(types.size() == 1 ? 0 : i), items.get(i)));
    }
    return result;
  }

  /** What is between the brackets, divided at the bars that are in no inner brackets. */
  private static List<String> inner(String type) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    int depth = 0;
    for (char c : type.substring(1, type.length() - 1).toCharArray()) {
      depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
      if (c == '|' && depth == 0) {
        parts.add(part.toString());
        part.setLength(0);
      } else {
        part.append(c);
      }
    }
    parts.add(part.toString());
    return parts;
  }

  /** What in a type cannot be given back, such as {@code a Thread}; empty if all can. */
  public static Optional<String> obstacle(Type type) {
    return obstacle(type, new HashSet<>());
  }

  private static Optional<String> obstacle(Type type, Set<Type> seen) {
    if (!seen.add(type)) {
      return Optional.empty();
    }
    if (type instanceof ParameterizedType generic
        && Set.of(Optional.class, List.class, Map.class)
            .contains((Class<?>) generic.getRawType())) {
      return first(List.of(generic.getActualTypeArguments()), seen);
    }
    if (!(type instanceof Class<?> plain)) {
      return Optional.of("a " + type.getTypeName());
    }
    boolean held =
        plain.isPrimitive()
            || Number.class.isAssignableFrom(plain)
            || CharSequence.class.isAssignableFrom(plain)
            || Set.of(Boolean.class, Instant.class, Duration.class, Problem.class).contains(plain)
            || plain.isEnum()
            || (plain.getSuperclass() != null && plain.getSuperclass().isEnum())
            || Named.class.isAssignableFrom(plain)
            || Json.isScalar(plain);
    if (held) {
      return Optional.empty();
    }
    if (!plain.isRecord()) {
      return Optional.of("a " + plain.getSimpleName());
    }
    return first(
            List.of(plain.getRecordComponents()).stream()
                .map(RecordComponent::getGenericType)
                .collect(Collectors.toList()),
            seen)
        .map(part -> part + " in a " + plain.getSimpleName());
  }

  private static Optional<String> first(List<Type> types, Set<Type> seen) {
    return types.stream().map(part -> obstacle(part, seen)).flatMap(Optional::stream).findFirst();
  }
}
