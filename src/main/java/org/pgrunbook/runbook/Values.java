package org.pgrunbook.runbook;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import org.codehaus.groovy.ast.ClassHelper;
import org.codehaus.groovy.ast.ClassNode;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Json;
import org.pgrunbook.journal.Named;
import org.pgrunbook.journal.Revival;

/**
 * Which values a step may return: those that the journal can hold and give back. Text, numbers,
 * booleans, instants, durations, sizes, LSNs, constants of an enum, nodes and clusters by name, and
 * records, lists and maps of these.
 */
final class Values {
  private Values() {}

  /** The value as the journal keeps it. */
  static Object journalled(String step, Object value) {
    Object refused = firstRefused(value);
    if (refused != null) {
      throw Problem.usage(
              "step \"" + step + "\" returns " + Wording.one(refused.getClass().getSimpleName()))
          .hint("Return text, a number, an instant, a size, a node, or a record or list of these.");
    }
    return value instanceof CharSequence ? value.toString() : value;
  }

  private static Object firstRefused(Object value) {
    return switch (value) {
      case null -> null;
      case Collection<?> items -> firstRefusedOf(items);
      case Map<?, ?> map -> firstRefusedOf(map.values());
      default -> isHeld(value.getClass()) ? null : value;
    };
  }

  private static Object firstRefusedOf(Collection<?> items) {
    return items.stream()
        .map(Values::firstRefused)
        .filter(item -> item != null)
        .findFirst()
        .orElse(null);
  }

  private static boolean isHeld(Class<?> type) {
    return CharSequence.class.isAssignableFrom(type)
        || Number.class.isAssignableFrom(type)
        || type == Boolean.class
        || type == Instant.class
        || type == Duration.class
        || type.isEnum()
        || (type.isRecord() && Revival.obstacle(type).isEmpty())
        || Json.isScalar(type)
        || Named.class.isAssignableFrom(type);
  }

  /** Whether values of this static type can be held; what only the run can tell passes. */
  static boolean mayHold(ClassNode type) {
    ClassNode boxed = ClassHelper.getWrapper(type);
    String name = boxed.getName();
    if (ClassHelper.OBJECT_TYPE.equals(boxed)
        || ClassHelper.VOID_TYPE.equals(type)
        || name.equals("java.lang.Void")
        || boxed.isEnum()) {
      return true;
    }
    if (boxed.isRecord()) {
      return !boxed.isResolved() || Revival.obstacle(boxed.getTypeClass()).isEmpty();
    }
    for (Class<?> parent :
        new Class<?>[] {
          CharSequence.class,
          Number.class,
          Boolean.class,
          Instant.class,
          Duration.class,
          Collection.class,
          Map.class,
          Named.class
        }) {
      ClassNode node = ClassHelper.make(parent);
      if (boxed.equals(node) || boxed.isDerivedFrom(node) || boxed.implementsInterface(node)) {
        return true;
      }
    }
    return boxed.isResolved() && Json.isScalar(boxed.getTypeClass());
  }
}
