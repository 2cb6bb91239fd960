package org.pgrunbook.diagnosis;

import java.util.List;
import org.pgrunbook.DataSize;
import org.pgrunbook.postgres.Node;

/**
 * A replication slot.
 *
 * @param on the server that keeps WAL for it
 * @param slot its name
 * @param type {@code physical} or {@code logical}
 * @param active whether somebody uses it: one that nobody uses fills the disk
 * @param status {@code reserved}, {@code extended}, {@code unreserved}, {@code lost} or {@code
 *     never used}
 * @param retained the WAL that is kept for it
 * @param reason why it was invalidated, from 17
 */
public record Slot(
    Node on,
    String slot,
    String type,
    boolean active,
    String status,
    DataSize retained,
    String reason) {

  static List<Slot> of(Node node) {
    return node.getSql().rows(Question.SLOTS.text()).stream()
        .map(
            row ->
                new Slot(
                    node,
                    row.text("slot"),
                    row.text("type"),
                    row.bool("active"),
                    row.text("status"),
                    row.bytes("retained"),
                    row.text("reason")))
        .toList();
  }

  /** What is wrong with it if nobody uses it, as a fact. */
  public String worry() {
    return "nobody uses slot \"%s\" on %s: %s, it keeps %s of WAL"
        .formatted(slot, on, status, retained == null ? "nothing" : retained);
  }
}
