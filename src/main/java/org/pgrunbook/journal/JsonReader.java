package org.pgrunbook.journal;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads back as a record what {@link Json} has written of one. */
public final class JsonReader {
  private JsonReader() {}

  /**
   * Reads an object as a record.
   *
   * @throws IOException if the text is no such object
   */
  public static <R extends Record> R read(Class<R> type, String text) throws IOException {
    try {
      return type.cast(value(type, Json.object(text)));
    } catch (RuntimeException e) {
      throw new IOException("not a " + type.getSimpleName() + ": " + e.getMessage(), e);
    }
  }

  private static Object value(Type type, Object json) {
    if (type instanceof ParameterizedType generic) {
      return generic(generic, json);
    }
    Class<?> raw = (Class<?>) type;
    return switch (json) {
      case null -> null;
      case Boolean flag -> flag;
      case Number number -> number(raw, number);
      case Map<?, ?> map when raw.isRecord() -> record(raw, map);
      case String text when raw == String.class -> text;
      case String text when raw == Instant.class -> Instant.parse(text);
      case String text when raw.isEnum() -> constant(raw, text);
      case String text -> parsed(raw, text);
      default -> throw new IllegalArgumentException("no " + raw.getSimpleName() + ": " + json);
    };
  }

  private static Object generic(ParameterizedType type, Object json) {
    Type[] arguments = type.getActualTypeArguments();
    if (type.getRawType() == Optional.class) {
      return Optional.ofNullable(value(arguments[0], json));
    }
    if (type.getRawType() == List.class && json instanceof List<?> items) {
      return items.stream().map(item -> value(arguments[0], item)).toList();
    }
    if (type.getRawType() == Map.class && json instanceof Map<?, ?> map) {
      Map<Object, Object> result = new LinkedHashMap<>();
      map.forEach((key, item) -> result.put(key, value(arguments[1], item)));
      return result;
    }
    throw new IllegalArgumentException("no " + type + ": " + json);
  }

  private static Object number(Class<?> type, Number number) {
    if (type == long.class || type == Long.class) {
      return number.longValue();
    } else if (type == int.class || type == Integer.class) {
      return Math.toIntExact(number.longValue());
    } else if (type == Duration.class) {
      return Duration.ofNanos(Math.round(number.doubleValue() * 1e9));
    }
    return number.doubleValue();
  }

  private static Object record(Class<?> type, Map<?, ?> map) {
    RecordComponent[] components = type.getRecordComponents();
    Object[] values =
        Stream.of(components)
            .map(component -> value(component.getGenericType(), map.get(component.getName())))
            .toArray();
    Class<?>[] types = Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      var constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException("no " + type.getSimpleName() + ": " + map, e);
    }
  }

  private static Object constant(Class<?> type, String text) {
    return Stream.of(type.getEnumConstants())
        .filter(item -> ((Enum<?>) item).name().toLowerCase(Locale.ROOT).equals(text))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("no " + type.getSimpleName() + ": " + text));
  }

  private static Object parsed(Class<?> type, String text) {
    try {
      return type.getMethod("parse", String.class).invoke(null, text);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(e.getCause().getMessage(), e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException("no " + type.getSimpleName() + ": " + text, e);
    }
  }
}
