package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.pgrunbook.Durations;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;
import org.pgrunbook.sql.ServerCertificate;

/**
 * The passwords and the certificate of a server, and when they end.
 *
 * @param node the server
 * @param limit how long its certificate has to be valid
 * @param roles the roles whose password has ended lately, or will soon; asked of a primary
 * @param shown the certificate that it shows to whoever connects; null if it does not speak TLS
 * @param filed the one in its file, which it shows after the next reload; null if nobody has looked
 * @param remaining how long the shown one is valid, negative if it has ended; null if there is none
 */
public record Credentials(
    Node node,
    Duration limit,
    List<Role> roles,
    ServerCertificate shown,
    ServerCertificate filed,
    Duration remaining) {
  static final String INCIDENT = "expiring-credentials";

  /** From here on a certificate that ends is an emergency. */
  private static final Duration CRITICAL = Duration.ofDays(7);

  /**
   * A role whose password ends.
   *
   * @param role its name
   * @param until when, by the server's clock
   * @param over whether it has ended
   * @param sessions how many sessions it has, which go on; new ones are refused
   */
  public record Role(String role, Instant until, boolean over, int sessions) {}

  /**
   * Asks.
   *
   * @param file whether to read the certificate's file on the host, too
   */
  static Credentials of(Server server, Duration limit, boolean file) {
    List<Role> roles =
        server.inRecovery()
            ? List.of()
            : server.rows(Question.EXPIRING_ROLES).stream()
                .map(
                    row ->
                        new Role(
                            row.text("role"),
                            row.instant("until"),
                            row.bool("over"),
                            row.as(Integer.class, "sessions")))
                .toList();
    Row tls = server.row(Question.TLS);
    Node node = server.node();
    Optional<ServerCertificate> shown =
        tls.bool("on") ? node.getSql().certificate() : Optional.empty();
    return new Credentials(
        node,
        limit,
        roles,
        shown.orElse(null),
        file && tls.bool("on") ? filed(node, tls.text("file")) : null,
        shown.map(it -> Duration.between(node.run().time().now(), it.notAfter())).orElse(null));
  }

  private static ServerCertificate filed(Node node, String file) {
    String path = file.startsWith("/") ? file : node.getPostmaster().getData() + "/" + file;
    return ServerCertificate.parse(node.getSsh().read("cat", "--", path).bytes());
  }

  /** Whether its file holds another certificate than it shows: it was renewed, and not read. */
  public boolean isRenewedButUnread() {
    return shown != null && filed != null && !shown.serial().equals(filed.serial());
  }

  private boolean isEnding() {
    return remaining != null && remaining.compareTo(limit) < 0;
  }

  /** What was found out. */
  public Finding finding() {
    List<String> facts = new ArrayList<>();
    if (isEnding()) {
      facts.add(
          remaining.isNegative()
              ? "the certificate that it shows ended "
                  + Durations.show(remaining.negated())
                  + " ago"
              : "the certificate that it shows ends in " + Durations.show(remaining));
    }
    if (isRenewedButUnread()) {
      facts.add("its file holds a newer one, which it has not read");
    }
    if (!roles.isEmpty()) {
      facts.add(
          "passwords that have ended, or will within two weeks: "
              + roles.stream().map(Role::role).collect(Collectors.joining(", ")));
    }
    if (facts.isEmpty()) {
      return Finding.ok(
          INCIDENT,
          node,
          remaining == null
              ? "no password ends within two weeks"
              : "no password ends within two weeks, and no certificate within "
                  + Durations.show(limit));
    }
    boolean critical =
        roles.stream().anyMatch(Role::over) || (isEnding() && remaining.compareTo(CRITICAL) < 0);
    return Finding.of(
        critical ? Verdict.CRIT : Verdict.WARN, INCIDENT, node, String.join("; ", facts));
  }
}
