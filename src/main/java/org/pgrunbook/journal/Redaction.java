package org.pgrunbook.journal;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.pgrunbook.Problem;
import org.pgrunbook.Secrets;

/** Strikes secrets out of every text of a value, through records, lists and maps. */
final class Redaction {
  private Redaction() {}

  @SuppressWarnings("unchecked")
  static <T> T of(T value, Secrets secrets) {
    return (T) clean(value, secrets);
  }

  private static Object clean(Object value, Secrets secrets) {
    return switch (value) {
      case null -> null;
      case String text -> secrets.redact(text);
      case List<?> list -> {
        List<Object> result = new ArrayList<>();
        list.forEach(item -> result.add(clean(item, secrets)));
        yield result;
      }
      case Map<?, ?> map -> {
        Map<Object, Object> result = new LinkedHashMap<>();
        map.forEach((key, item) -> result.put(key, clean(item, secrets)));
        yield result;
      }
      case Problem problem -> problem.without(secrets);
      case Record item -> rebuilt(item, secrets);
      default -> value;
    };
  }

  private static Object rebuilt(Record value, Secrets secrets) {
    RecordComponent[] components = value.getClass().getRecordComponents();
    try {
      Object[] cleaned = new Object[components.length];
      boolean changed = false;
      for (int i = 0; i < components.length; i++) {
        var accessor = components[i].getAccessor();
        accessor.setAccessible(true);
        Object before = accessor.invoke(value);
        cleaned[i] = clean(before, secrets);
        changed |= !Objects.equals(cleaned[i], before);
      }
      if (!changed) {
        return value;
      }
      Class<?>[] types =
          Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      var constructor = value.getClass().getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(cleaned);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(value.getClass() + " is no plain record", e);
    }
  }
}
