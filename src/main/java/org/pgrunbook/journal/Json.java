package org.pgrunbook.journal;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;

/**
 * Writes values as JSON and reads them back as maps.
 *
 * <p>Text, numbers and booleans stand for themselves and records become objects. An instant is ISO
 * 8601 in UTC, a duration is a number of seconds, and whatever else reads its own {@code toString}
 * (a size, an LSN, a node's name) is that text.
 */
public final class Json {
  private static final JSON COMPACT = JSON.std;
  private static final JSON PRETTY = JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT);

  private Json() {}

  /** The value on one line. */
  public static String line(Object value) {
    return write(COMPACT, value);
  }

  /** The value over several lines, for files that people read. */
  public static String pretty(Object value) {
    return write(PRETTY, value);
  }

  /**
   * Reads an object.
   *
   * @throws IOException if the text is no JSON object
   */
  public static Map<String, Object> object(String text) throws IOException {
    return COMPACT.mapFrom(text);
  }

  /**
   * The value so that {@link Revival} finds exactly the same again: a size is rounded for people,
   * not here.
   */
  static Object exact(Object value) {
    return switch (value) {
      case null -> null;
      case DataSize size -> size.bytes() + " B";
      case Optional<?> optional -> exact(optional.orElse(null));
      case Collection<?> items ->
          items.stream().map(Json::exact).collect(Collectors.toCollection(ArrayList::new));
      case Map<?, ?> map -> {
        Map<String, Object> result = new LinkedHashMap<>();
        map.forEach((key, item) -> result.put(String.valueOf(plain(key)), exact(item)));
        yield result;
      }
      case Record item when !isScalar(item.getClass()) -> {
        Map<String, Object> result = new LinkedHashMap<>();
        components(item).forEach((name, component) -> result.put(name, exact(component)));
        yield result;
      }
      default -> plain(value);
    };
  }

  private static String write(JSON json, Object value) {
    try {
      return json.asString(plain(value));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The value in terms of maps, lists, text, numbers and booleans. */
  static Object plain(Object value) {
    return switch (value) {
      case null -> null;
      case String text -> text;
      case Number number -> number;
      case Boolean flag -> flag;
      case Instant instant -> instant.toString();
      case Duration duration -> duration.toNanos() / 1e9;
      case Enum<?> constant -> constant.name().toLowerCase(java.util.Locale.ROOT);
      case Path path -> path.toString();
      case Problem problem ->
          Map.of("exit", plain(problem.exit()), "fact", problem.fact(), "hints", problem.hints());
      case Named named -> named.fullName();
      case Optional<?> optional -> plain(optional.orElse(null));
      case OptionalLong optional -> optional.isPresent() ? optional.getAsLong() : null;
      case Collection<?> items ->
          items.stream().map(Json::plain).collect(Collectors.toCollection(ArrayList::new));
      case Map<?, ?> map -> {
        Map<String, Object> result = new LinkedHashMap<>();
        map.forEach((key, item) -> result.put(String.valueOf(key), plain(item)));
        yield result;
      }
      case Record item when !isScalar(item.getClass()) -> fields(item);
      default -> value.toString();
    };
  }

  /** The components of a record by name. */
  public static Map<String, Object> fields(Record value) {
    Map<String, Object> result = components(value);
    result.replaceAll((name, component) -> plain(component));
    return result;
  }

  private static Map<String, Object> components(Record value) {
    Map<String, Object> result = new LinkedHashMap<>();
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      try {
        var accessor = component.getAccessor();
        accessor.setAccessible(true);
        result.put(component.getName(), accessor.invoke(value));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(value.getClass() + " is no plain record", e);
      }
    }
    return result;
  }

  /** A type that reads what its {@code toString} writes is one word, not an object. */
  public static boolean isScalar(Class<?> type) {
    try {
      return type.getMethod("parse", String.class).getReturnType() == type;
    } catch (NoSuchMethodException e) {
      return false;
    }
  }
}
