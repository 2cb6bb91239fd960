package org.pgrunbook.testing;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.pgrunbook.journal.Means;
import org.pgrunbook.journal.Operation;
import org.pgrunbook.sql.Row;
import org.pgrunbook.ssh.Output;

/**
 * Carries operations out by answers that were recorded beforehand, in place of the servers and
 * hosts; all else, the journal too, is as in a real run.
 */
final class Recorded {
  private final Map<String, RecordedNode> nodes = new ConcurrentHashMap<>();
  private final List<String> unexpected = new CopyOnWriteArrayList<>();

  /** The node of that full name. */
  RecordedNode node(String name) {
    return nodes.computeIfAbsent(name, RecordedNode::new);
  }

  /** What was asked without an answer since it was last looked; that fails a test. */
  List<String> takeUnexpected() {
    List<String> found = List.copyOf(unexpected);
    unexpected.clear();
    return found;
  }

  /** The means by which a run is to carry out its operations. */
  Means in(Means live) {
    return new Means() {
      @Override
      public <T> T probe(Operation operation, Act<T> act) {
        return live.probe(operation, meter -> answer(operation, null));
      }

      @Override
      public <T> T change(Operation operation, T assumed, Act<T> act) {
        return live.change(operation, assumed, meter -> answer(operation, assumed));
      }

      @Override
      public <T> T once(String key, Supplier<T> question) {
        return live.once(key, question);
      }
    };
  }

  /** In the type that the wire gives: that of what a dry run assumes, of a query rows. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private <T> T answer(Operation operation, Object assumed) {
    try {
      Object answer = node(operation.node()).answer(operation);
      return (T)
          switch (operation.wire()) {
            case SSH -> output(answer);
            case SQL ->
                switch (assumed) {
                  case null -> rows(answer);
                  case Row row -> answer == null ? row : rows(answer).getFirst();
                  default -> answer == null ? assumed : answer;
                };
            default -> throw new RecordedNode.Unexpected(operation);
          };
    } catch (RecordedNode.Unexpected e) {
      unexpected.add(e.getMessage());
      throw e;
    }
  }

  private static Output output(Object answer) {
    return answer instanceof Output output
        ? output
        : new Output(0, text(answer).getBytes(StandardCharsets.UTF_8), "");
  }

  private static String text(Object answer) {
    return answer == null ? "" : answer.toString();
  }

  private static List<Row> rows(Object answer) {
    return switch (answer) {
      case null -> List.of();
      case List<?> rows -> rows.stream().map(Recorded::row).toList();
      default -> List.of(row(answer));
    };
  }

  private static Row row(Object answer) {
    Map<String, Object> columns = new LinkedHashMap<>();
    if (answer instanceof Map<?, ?> map) {
      map.forEach((name, value) -> columns.put(name.toString(), column(value)));
    } else {
      columns.put("value", column(answer));
    }
    return Row.of(columns);
  }

  /** As the SQL wire gives it: whole numbers are long. */
  private static Object column(Object value) {
    return switch (value) {
      case Integer number -> number.longValue();
      case CharSequence text -> text.toString();
      case null, default -> value;
    };
  }
}
