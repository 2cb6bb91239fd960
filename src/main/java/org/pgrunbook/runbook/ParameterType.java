package org.pgrunbook.runbook;

import java.lang.invoke.MethodType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.codehaus.groovy.ast.ClassHelper;
import org.codehaus.groovy.ast.ClassNode;
import org.codehaus.groovy.ast.GenericsType;
import org.pgrunbook.DataSize;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Lsn;
import org.pgrunbook.postgres.Node;

/** The types that a parameter may have, and how the command line spells their values. */
public enum ParameterType {
  /** any text */
  STRING(String.class),
  /** {@code true}, {@code false}, {@code yes}, {@code no}, {@code on}, {@code off} */
  BOOLEAN(Boolean.class),
  /** a whole number */
  INTEGER(Integer.class),
  /**
   * {@code 16MB}, {@code 1.5 GB}, {@code 0}; the units are powers of 1024, as in PostgreSQL's
   * settings
   */
  DATA_SIZE(DataSize.class),
  /** {@code 30s}, {@code 5min}, {@code 2 hours}, {@code 30 days}, or ISO 8601, {@code PT5M} */
  DURATION(Duration.class),
  /** {@code 2026-03-29T02:30:00+02:00}; the offset is required */
  INSTANT(Instant.class),
  /** {@code 0/3000060} */
  LSN(Lsn.class),
  /** a node of the target, or {@code CLUSTER/NODE} */
  NODE(Node.class),
  /** a cluster's name */
  CLUSTER(Cluster.class),
  /** one of its words */
  ENUM(Enum.class),
  /** values with commas between */
  LIST(List.class);

  private final Class<?> type;

  ParameterType(Class<?> type) {
    this.type = type;
  }

  /** The one that a field of a runbook has. */
  static ParameterType of(Class<?> field) {
    Class<?> boxed = MethodType.methodType(field).wrap().returnType();
    return boxed.isEnum() ? ENUM : find(one -> one.type == boxed).orElseThrow();
  }

  /** The one that a declaration has, unless no command line can give it. */
  static Optional<ParameterType> of(ClassNode declared) {
    ClassNode boxed = ClassHelper.getWrapper(declared);
    if (boxed.isEnum()) {
      return Optional.of(ENUM);
    }
    return find(one -> one != ENUM && one.type.getName().equals(boxed.getName()))
        .filter(one -> one != LIST || hasFitItems(declared));
  }

  private static boolean hasFitItems(ClassNode list) {
    GenericsType[] items = list.getGenericsTypes();
    return items != null && items.length == 1 && of(items[0].getType()).isPresent();
  }

  private static Optional<ParameterType> find(Predicate<ParameterType> is) {
    return Stream.of(values()).filter(is).findFirst();
  }
}
