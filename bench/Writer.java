import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes numbered rows for as long as it lives, and counts what became of those whose commit was acknowledged: {@code java -cp
 * postgresql.jar Writer.java HOST...}
 *
 * <p>One thread is an application, with a URL that names all hosts; and one for each host tries to write there and nowhere else,
 * so that a second primary would be noticed even if no application found it. Each row says on which timeline it was written: a
 * host that acknowledges an older timeline's row, although a newer timeline had acknowledged one before that was sent, is a
 * second primary.
 *
 * <p>It takes lines: {@code command} (from now on the time to the first row of a newer timeline counts), {@code count} (answers
 * with one line about the rows since the last count) and {@code forget} (the cluster was made anew).
 */
final class Writer {
  private record Ack(long id, boolean application, int timeline, long sent, long acknowledged) {}

  private static final String OPTIONS = "&user=postgres&connectTimeout=2&socketTimeout=5&options=-c%20log_min_messages=panic";

  private final String[] hosts;
  private final AtomicLong ids = new AtomicLong();
  private final List<Ack> acks = new ArrayList<>();
  private final Set<Long> lostBefore = new HashSet<>();
  private int counted;
  private long command;

  private Writer(String[] hosts) {
    this.hosts = hosts;
  }

  public static void main(String... hosts) throws IOException, InterruptedException {
    Writer writer = new Writer(hosts);
    writer.createTable();
    Thread.ofPlatform().daemon().start(() -> writer.write(writer.everywhere(), true, 5));
    for (String host : hosts) {
      String url = "jdbc:postgresql://" + host + "/postgres?" + OPTIONS;
      Thread.ofPlatform().daemon().start(() -> writer.write(url, false, 20));
    }
    for (String line = IO.readln(); line != null; line = IO.readln()) {
      switch (line) {
        case "command" -> writer.command = System.nanoTime();
        case "count" -> IO.println(writer.count());
        case "forget" -> writer.forget();
        default -> IO.println("error: " + line);
      }
    }
  }

  private String everywhere() {
    return "jdbc:postgresql://" + String.join(",", hosts) + "/postgres?targetServerType=primary&hostRecheckSeconds=0" + OPTIONS;
  }

  private void createTable() throws InterruptedException {
    while (true) {
      try (Connection connection = DriverManager.getConnection(everywhere())) {
        connection.createStatement().execute("create table if not exists written (id bigint)");
        return;
      } catch (SQLException e) {
        Thread.sleep(100);
      }
    }
  }

  private synchronized void forget() throws InterruptedException {
    acks.clear();
    lostBefore.clear();
    counted = 0;
    createTable();
  }

  private void write(String url, boolean application, int pause) {
    while (true) {
      try (Connection connection = DriverManager.getConnection(url);
          PreparedStatement recovers = connection.prepareStatement("select pg_is_in_recovery()");
          PreparedStatement insert =
              connection.prepareStatement(
                  "insert into written values (?) returning ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int")) {
        while (true) {
          if (application || !single(recovers).equals("t")) {
            long id = ids.incrementAndGet();
            insert.setLong(1, id);
            long sent = System.nanoTime();
            int timeline = Integer.parseInt(single(insert));
            add(new Ack(id, application, timeline, sent, System.nanoTime()));
          }
          Thread.sleep(pause);
        }
      } catch (SQLException e) {
        sleep(5);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static void sleep(int milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String single(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      rows.next();
      return rows.getString(1);
    }
  }

  private synchronized void add(Ack ack) {
    acks.add(ack);
  }

  /** Lost are also rows that an earlier count still found. */
  private synchronized String count() throws InterruptedException {
    List<Ack> recent = List.copyOf(acks.subList(counted, acks.size()));
    Map<Long, Integer> found = found();
    Set<Long> lost = new HashSet<>();
    acks.forEach(
        ack -> {
          if (!found.containsKey(ack.id) && lostBefore.add(ack.id)) {
            lost.add(ack.id);
          }
        });
    long doubled = found.values().stream().filter(times -> times > 1).count();
    counted = acks.size();
    String line =
        "acknowledged=%d lost=%d doubled=%d wrong_side=%d silence=%d to_first_write=%d"
            .formatted(recent.size(), lost.size(), doubled, wrongSide(recent), silence(recent), toFirstWrite(recent));
    command = 0;
    return line;
  }

  private Map<Long, Integer> found() throws InterruptedException {
    while (true) {
      Map<Long, Integer> found = new HashMap<>();
      try (Connection connection = DriverManager.getConnection(everywhere());
          ResultSet rows = connection.createStatement().executeQuery("select id from written")) {
        while (rows.next()) {
          found.merge(rows.getLong(1), 1, Integer::sum);
        }
        return found;
      } catch (SQLException e) {
        Thread.sleep(100);
      }
    }
  }

  /** Rows of a timeline that was already over when they were sent. */
  private static long wrongSide(List<Ack> acks) {
    Map<Integer, Long> first = new HashMap<>();
    acks.forEach(ack -> first.merge(ack.timeline, ack.acknowledged, Math::min));
    return acks.stream()
        .filter(ack -> first.entrySet().stream().anyMatch(later -> later.getKey() > ack.timeline && later.getValue() < ack.sent))
        .count();
  }

  /** The longest time without a commit of the application, in milliseconds. */
  private static long silence(List<Ack> acks) {
    long[] moments = acks.stream().filter(Ack::application).mapToLong(Ack::acknowledged).sorted().toArray();
    long longest = 0;
    for (int i = 1; i < moments.length; i++) {
      longest = Math.max(longest, moments[i] - moments[i - 1]);
    }
    return longest / 1_000_000;
  }

  /** From the command to the first commit of a newer timeline, in milliseconds; -1 if there is none. */
  private long toFirstWrite(List<Ack> acks) {
    int before = acks.stream().filter(ack -> ack.sent < command).mapToInt(Ack::timeline).max().orElse(Integer.MAX_VALUE);
    long[] after = acks.stream().filter(ack -> ack.timeline > before).mapToLong(Ack::acknowledged).toArray();
    return command == 0 || after.length == 0 ? -1 : (Arrays.stream(after).min().getAsLong() - command) / 1_000_000;
  }
}
