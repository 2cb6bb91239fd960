package org.pgrunbook.diagnosis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.pgrunbook.DataSize;
import org.pgrunbook.Durations;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Row;

/**
 * What a server does with its time, from looks at it over some seconds.
 *
 * @param node the server
 * @param watched for how long
 * @param looks how often it was looked at what its sessions wait for
 * @param waits what they did, the most first
 * @param statements what it spent its time with, the most first; empty if nobody can tell
 * @param obstacle why nobody can tell which statements; empty if somebody can
 * @param wholeReads the tables that were read from end to end, the most rows first
 * @param hits blocks that were found in its memory
 * @param read what it read into its memory, from the disk or the system's cache
 * @param temp what it wrote into temporary files
 */
public record Performance(
    Node node,
    Duration watched,
    int looks,
    List<Wait> waits,
    List<Statement> statements,
    String obstacle,
    List<WholeRead> wholeReads,
    DataSize hits,
    DataSize read,
    DataSize temp) {
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final int SHARE = 50;
  private static final int HIT_PERCENT = 95;

  /** So many rows a second are worth asking for an index. */
  private static final long MANY_ROWS = 100_000;

  /** Below so much a second nothing is worth a word. */
  private static final DataSize MUCH = new DataSize(10 << 20);

  /**
   * What sessions did.
   *
   * @param type the kind of event, {@code CPU} if they worked
   * @param event which
   * @param sessions how many at once, on average
   */
  public record Wait(String type, String event, double sessions) {}

  /**
   * A statement, without its values.
   *
   * @param database where it was carried out
   * @param user the role that did
   * @param query its text, with {@code $1} for each constant
   * @param calls how often it was carried out
   * @param time how long that took in all; of statements that ended meanwhile
   * @param read what it read into the server's memory
   * @param temp what it wrote into temporary files
   */
  public record Statement(
      String database,
      String user,
      String query,
      long calls,
      Duration time,
      DataSize read,
      DataSize temp) {}

  /**
   * A table that was read from end to end. With a few rows that is the best way, and those are left
   * out.
   *
   * @param database where it is
   * @param name with its schema, quoted as SQL wants it
   * @param scans how often
   * @param rows how many rows that gave
   */
  public record WholeRead(String database, String name, long scans, long rows) {}

  static Performance over(Server server, Duration watch) {
    Node node = server.node();
    var time = node.run().time();
    String obstacle = StatementStatistics.obstacle(server);
    Map<String, Row> before = obstacle.isEmpty() ? StatementStatistics.look(server) : Map.of();
    Map<String, Row> readBefore = WholeReads.look(server);
    Row first = server.row(Question.LOAD);
    long start = time.nanos();
    Map<List<String>, Integer> seen = new TreeMap<>(Comparator.comparing(String::valueOf));
    int looks = 0;
    do {
      server
          .rows(Question.WAITS)
          .forEach(
              row ->
                  seen.merge(
                      List.of(row.text("type"), row.text("event")),
                      row.as(Integer.class, "sessions"),
                      Integer::sum));
      looks++;
      time.sleep(PAUSE);
    } while (time.since(start).compareTo(watch) < 0);
    Row last = server.row(Question.LOAD);
    Map<String, Row> after = obstacle.isEmpty() ? StatementStatistics.look(server) : Map.of();
    int times = looks;
    return new Performance(
        node,
        time.since(start),
        looks,
        seen.entrySet().stream()
            .map(
                one ->
                    new Wait(
                        one.getKey().get(0),
                        one.getKey().get(1),
                        Math.round(10.0 * one.getValue() / times) / 10.0))
            .sorted(Comparator.comparingDouble(Wait::sessions).reversed())
            .toList(),
        StatementStatistics.between(before, after),
        obstacle,
        WholeReads.between(readBefore, WholeReads.look(server)),
        new DataSize(since(first, last, "hit") * last.number("block")),
        new DataSize(since(first, last, "read") * last.number("block")),
        new DataSize(since(first, last, "temp")));
  }

  /** Counters that were reset in between begin at zero. */
  private static long since(Row first, Row last, String column) {
    boolean same = Objects.equals(first.instant("reset"), last.instant("reset"));
    return Math.max(0, last.number(column) - (same ? first.number(column) : 0));
  }

  /** How many sessions carried out a statement at once, on average. */
  public double busy() {
    return waits.stream().mapToDouble(Wait::sessions).sum();
  }

  /** How much of what it needed was in its memory, in percent; 100 if it needed nothing. */
  public int hitPercent() {
    long all = hits.bytes() + read.bytes();
    return all == 0 ? 100 : (int) (100 * hits.bytes() / all);
  }

  private boolean isMuch(DataSize amount) {
    return amount.bytes() > MUCH.bytes() * (watched.toMillis() / 1000.0);
  }

  /** What was found out, each with what to look at next. */
  public List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    findings.add(ofStatements());
    findings.add(ofWaits());
    findings.add(ofWholeReads());
    findings.add(
        hitPercent() >= HIT_PERCENT || !isMuch(read)
            ? Finding.ok("cache", node, hitPercent() + " % of the blocks were in its memory")
            : new Finding(
                Verdict.WARN,
                "cache",
                node,
                "%d %% of the blocks were in its memory; %s had to be read in %s"
                    .formatted(hitPercent(), read, Durations.show(watched)),
                "look at the statements that read the most; a missing index, or shared_buffers"));
    findings.add(
        isMuch(temp)
            ? new Finding(
                Verdict.WARN,
                "temp-files",
                node,
                temp + " were written into temporary files in " + Durations.show(watched),
                "pgrunbook run incident/temp-files " + node.spec().cluster() + " -p node=" + node)
            : Finding.ok("temp-files", node, "little is sorted on disk"));
    return List.copyOf(findings);
  }

  private Finding ofStatements() {
    if (!obstacle.isEmpty()) {
      return new Finding(Verdict.UNKNOWN, "statements", node, "nobody can tell: " + obstacle, null);
    }
    long total = statements.stream().mapToLong(one -> one.time().toMillis()).sum();
    if (statements.isEmpty() || total < watched.toMillis() / 2) {
      return Finding.ok("statements", node, "its statements take little time");
    }
    Statement most = statements.getFirst();
    long share = 100 * most.time().toMillis() / total;
    return share < SHARE
        ? Finding.ok("statements", node, "no statement takes half of the time")
        : new Finding(
            Verdict.WARN,
            "statements",
            node,
            "%d %% of the time goes to one statement, carried out %d times by %s in %s: %s"
                .formatted(share, most.calls(), most.user(), most.database(), most.query()),
            "EXPLAIN it, without ANALYZE first");
  }

  private Finding ofWholeReads() {
    String incident = "missing-indexes";
    if (wholeReads.isEmpty()
        || wholeReads.getFirst().rows() < MANY_ROWS * watched.toMillis() / 1000) {
      return Finding.ok(incident, node, "no large table is read from end to end all the time");
    }
    WholeRead most = wholeReads.getFirst();
    return new Finding(
        Verdict.WARN,
        incident,
        node,
        "%s of database %s was read from end to end %d times in %s, %d rows each time: an index may be missing"
            .formatted(
                most.name(),
                most.database(),
                most.scans(),
                Durations.show(watched),
                most.rows() / most.scans()),
        "EXPLAIN the statements that read it");
  }

  private Finding ofWaits() {
    double locks =
        waits.stream().filter(wait -> wait.type().equals("Lock")).mapToDouble(Wait::sessions).sum();
    return locks >= 1 && 100 * locks >= SHARE * busy()
        ? new Finding(
            Verdict.WARN,
            "waits",
            node,
            "%.1f of %.1f busy sessions wait for locks".formatted(locks, busy()),
            "pgrunbook run incident/blocking-chain " + node.spec().cluster() + " -p node=" + node)
        : Finding.ok("waits", node, "%.1f sessions are busy at once".formatted(busy()));
  }
}
