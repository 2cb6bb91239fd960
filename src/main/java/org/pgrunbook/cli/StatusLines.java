package org.pgrunbook.cli;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.pgrunbook.DataSize;
import org.pgrunbook.diagnosis.ClusterStatus;
import org.pgrunbook.diagnosis.NodeStatus;
import org.pgrunbook.journal.Entry;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Json;
import org.pgrunbook.journal.Listener;

/**
 * The status of a cluster as JSON lines, for programs: one object a node, slot, archiver, WAL
 * sender and database of a pooler, told apart by {@code kind}. Sizes are numbers of bytes and
 * durations numbers of seconds, and their keys say so.
 */
final class StatusLines implements Listener {
  /** Rises only when a reader of the older form would misread the newer one. */
  private static final int VERSION = 1;

  private final Consumer<String> out;
  private String cluster = "";

  StatusLines(Consumer<String> out) {
    this.out = out;
  }

  @Override
  public void heard(Entry entry) {
    switch (entry.event()) {
      case Event.Started started -> cluster = started.target();
      case Event.StepEnded step when step.value() instanceof ClusterStatus status -> tell(status);
      case Event.Said said when said.level() == Event.Said.Level.WARNING ->
          line("warning", Map.of("text", said.text()));
      default -> {}
    }
  }

  private void tell(ClusterStatus status) {
    status.nodes().forEach(this::node);
    status.senders().forEach(sender -> line("sender", fields(sender)));
    status.slots().forEach(slot -> line("slot", fields(slot)));
    status.archivers().forEach(archiver -> line("archiver", fields(archiver)));
    status.poolers().forEach(pooler -> line("pooler", fields(pooler)));
  }

  private void node(NodeStatus node) {
    Map<String, Object> fields = fields(node);
    fields.remove("sender"); // it has a line of its own
    fields.put("sync", node.sync());
    fields.put("declared", node.node().spec().role().name().toLowerCase(Locale.ROOT));
    line("node", fields);
  }

  private void line(String kind, Map<String, Object> fields) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("v", VERSION);
    line.put("kind", kind);
    line.put("cluster", cluster);
    line.putAll(fields);
    out.accept(Json.line(line));
  }

  private static Map<String, Object> fields(Record value) {
    Map<String, Object> plain = Json.fields(value);
    Map<String, Object> result = new LinkedHashMap<>();
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      String name = component.getName();
      if (component.getType() == DataSize.class) {
        result.put(name + "Bytes", bytes(component, value));
      } else if (component.getType() == Duration.class) {
        result.put(name + "Seconds", plain.get(name));
      } else {
        result.put(name, plain.get(name));
      }
    }
    return result;
  }

  private static Long bytes(RecordComponent component, Record value) {
    try {
      DataSize size = (DataSize) component.getAccessor().invoke(value);
      return size == null ? null : size.bytes();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(value.getClass() + " is no public record", e);
    }
  }
}
