package org.pgrunbook.cli;

import java.util.Map;
import org.pgrunbook.DataSize;
import org.pgrunbook.Durations;
import org.pgrunbook.journal.Dry;
import org.pgrunbook.journal.Event;

/** The figures of an operation's outcome, for a person: {@code 12 ms, 3 rows, 1.5 MB, exit 1}. */
final class Figures {
  private Figures() {}

  static String of(Event.OperationEnded end) {
    StringBuilder figures = new StringBuilder(Durations.show(end.took()));
    Map<String, Object> result = end.result();
    if (result.get("rows") instanceof Number rows) {
      figures.append(", ").append(rows).append(rows.longValue() == 1 ? " row" : " rows");
    }
    if (result.get("bytes") instanceof Number bytes) {
      figures.append(", ").append(new DataSize(bytes.longValue()));
    }
    if (result.get("exit") instanceof Number exit && exit.intValue() != 0) {
      figures.append(", exit ").append(exit);
    }
    if (result.containsKey(Dry.BEFORE)) {
      figures.append(", as it is before");
    }
    return figures.toString();
  }
}
