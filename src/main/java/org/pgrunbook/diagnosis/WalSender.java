package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.List;
import org.pgrunbook.DataSize;
import org.pgrunbook.postgres.Node;

/**
 * Someone who gets WAL from a server: a standby, a base backup, a subscriber.
 *
 * @param from the server
 * @param application what it calls itself: cluster_name or primary_conninfo of a standby
 * @param client its address
 * @param slot the slot that it uses; null if none
 * @param state {@code streaming} if all is well
 * @param sync its part in synchronous replication: {@code quorum}, {@code potential} and the like
 * @param lag the WAL that it has not replayed yet
 * @param delay how long a commit takes to be replayed there; null when nothing happens
 */
public record WalSender(
    Node from,
    String application,
    String client,
    String slot,
    String state,
    String sync,
    DataSize lag,
    Duration delay) {

  static List<WalSender> of(Node node) {
    return node.getSql().rows(Question.WAL_SENDERS.text()).stream()
        .map(
            row ->
                new WalSender(
                    node,
                    row.text("application"),
                    row.text("client"),
                    row.text("slot"),
                    row.text("state"),
                    row.text("sync"),
                    row.bytes("lag"),
                    row.duration("delay")))
        .toList();
  }
}
