package org.pgrunbook.journal;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;

/** Reads back as a record, or as what is in one, what {@link Json} has written of it. */
public final class JsonReader {
  /** Finds a live thing by the name that the journal knows it by. */
  @FunctionalInterface
  public interface Names {
    /**
     * The thing.
     *
     * @param type what it is, such as a node
     */
    Named find(Class<?> type, String fullName);
  }

  private final Names names;

  JsonReader(Names names) {
    this.names = names;
  }

  /**
   * Reads an object as a record.
   *
   * @throws IOException if the text is no such object
   */
  public static <R extends Record> R read(Class<R> type, String text) throws IOException {
    try {
      return type.cast(new JsonReader(JsonReader::nobody).value(type, Json.object(text)));
    } catch (RuntimeException e) {
      throw new IOException("not a " + type.getSimpleName() + ": " + e.getMessage(), e);
    }
  }

  private static Named nobody(Class<?> type, String fullName) {
    throw new IllegalArgumentException("no " + type.getSimpleName() + ": " + fullName);
  }

  /** The value of that type. */
  Object value(Type type, Object json) {
    if (type instanceof ParameterizedType generic) {
      return generic(generic, json);
    }
    Class<?> raw = (Class<?>) type;
    return switch (json) {
      case null -> null;
      case Boolean flag -> flag;
      case Number number -> number(raw, number);
      case Map<?, ?> map when raw.isRecord() -> record(raw, map);
      case Map<?, ?> map when raw == Problem.class -> problem(map);
      case String text when raw == String.class -> text;
      case String text when raw == Instant.class -> Instant.parse(text);
      case String text when raw.isEnum() -> constant(raw, text);
      case String text when Named.class.isAssignableFrom(raw) -> names.find(raw, text);
      case String text -> parsed(raw, text);
      default -> throw new IllegalArgumentException("no " + raw.getSimpleName() + ": " + json);
    };
  }

  private Object generic(ParameterizedType type, Object json) {
    Type[] arguments = type.getActualTypeArguments();
    if (type.getRawType() == Optional.class) {
      return Optional.ofNullable(value(arguments[0], json));
    }
    if (type.getRawType() == List.class && json instanceof List<?> items) {
      List<Object> result = new ArrayList<>();
      items.forEach(item -> result.add(value(arguments[0], item)));
      return Collections.unmodifiableList(result);
    }
    if (type.getRawType() == Map.class && json instanceof Map<?, ?> map) {
      Map<Object, Object> result = new LinkedHashMap<>();
      map.forEach((key, item) -> result.put(value(arguments[0], key), value(arguments[1], item)));
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
    } else if (type == BigDecimal.class) {
      return new BigDecimal(number.toString());
    } else if (type == BigInteger.class) {
      return new BigInteger(number.toString());
    }
    return number.doubleValue();
  }

  private Object record(Class<?> type, Map<?, ?> map) {
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

  private static Problem problem(Map<?, ?> map) {
    Problem problem =
        Problem.of((Exit) constant(Exit.class, (String) map.get("exit")), (String) map.get("fact"));
    ((List<?>) map.get("hints")).forEach(hint -> problem.hint((String) hint));
    return problem;
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
