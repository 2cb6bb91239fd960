package org.pgrunbook.diagnosis;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgrunbook.DataSize;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * Replication slots that nobody uses. A slot keeps WAL until its consumer has taken it: if that
 * never comes back, until the disk is full.
 *
 * @param node the server
 * @param limit how much WAL one may keep
 * @param slots the one that keeps the most first
 */
public record InactiveSlots(Node node, DataSize limit, List<Slot> slots) {
  static final String INCIDENT = "inactive-slot";

  /** From so many times the limit on it is an emergency. */
  private static final int CRITICAL = 10;

  /**
   * One of them.
   *
   * @param slot its name
   * @param type {@code physical} or {@code logical}
   * @param database of a logical one
   * @param status {@code reserved}, {@code extended}, {@code unreserved}, {@code lost}, or {@code
   *     never used}
   * @param retained the WAL that it keeps
   * @param holds how many transactions old the rows are that VACUUM keeps for it; null if none
   * @param since when its consumer went, from PostgreSQL 17 on
   * @param synced whether it is a copy of the primary's slot, which the standby keeps in step
   * @param limit {@code max_slot_wal_keep_size}, in its own unit; -1 is none
   * @param restart from where on it keeps WAL
   */
  public record Slot(
      String slot,
      String type,
      String database,
      String status,
      DataSize retained,
      Long holds,
      Instant since,
      boolean synced,
      String limit,
      String restart) {

    boolean drop(Server server) {
      Row row = server.act(Question.DROP_SLOT, Row.of(Map.of("dropped", 1L)), slot, restart);
      return row.number("dropped") > 0
          || (server.node().run().means().wasBegun() && isGone(server));
    }

    private boolean isGone(Server server) {
      return server
          .node()
          .getSql()
          .rows("select slot_name from pg_replication_slots where slot_name = ?", slot)
          .isEmpty();
    }
  }

  static InactiveSlots of(Server server, DataSize limit) {
    return new InactiveSlots(
        server.node(),
        limit,
        server.rows(Question.INACTIVE_SLOTS).stream().map(InactiveSlots::slot).toList());
  }

  private static Slot slot(Row row) {
    return new Slot(
        row.text("slot"),
        row.text("type"),
        row.text("database"),
        row.text("status"),
        row.bytes("retained"),
        row.number("holds"),
        row.instant("since"),
        row.bool("synced"),
        row.text("limit"),
        row.text("restart"));
  }

  /** Those that keep more than the limit, the most first. */
  public List<Slot> tooMuch() {
    return slots.stream()
        .filter(slot -> !slot.synced() && slot.retained().compareTo(limit) > 0)
        .toList();
  }

  /** The slot of that name; null if it is in use or there is none. */
  public Slot named(String name) {
    return slots.stream().filter(slot -> slot.slot().equals(name)).findFirst().orElse(null);
  }

  /** What was found out. */
  public Finding finding() {
    Optional<Slot> lost = slots.stream().filter(slot -> slot.status().equals("lost")).findFirst();
    if (tooMuch().isEmpty()) {
      return lost.map(
              slot ->
                  Finding.of(
                      Verdict.WARN,
                      INCIDENT,
                      node,
                      "slot \"%s\" has lost WAL that its consumer needs".formatted(slot.slot())))
          .orElseGet(
              () -> Finding.ok(INCIDENT, node, "no unused slot keeps more WAL than " + limit));
    }
    Slot most = tooMuch().getFirst();
    boolean critical = most.retained().bytes() > limit.bytes() * CRITICAL;
    return Finding.of(
        critical ? Verdict.CRIT : Verdict.WARN,
        INCIDENT,
        node,
        "nobody uses slot \"%s\", and it keeps %s of WAL".formatted(most.slot(), most.retained()));
  }
}
