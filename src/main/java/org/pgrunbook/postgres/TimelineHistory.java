package org.pgrunbook.postgres;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.pgrunbook.DataSize;
import org.pgrunbook.Problem;

/**
 * Where a timeline came from: which timeline led to it, and up to which LSN. Two servers are
 * compared by their histories first and by LSN only where these agree.
 *
 * @param timeline the timeline itself
 * @param ancestors oldest first
 * @see <a href="https://www.postgresql.org/docs/current/continuous-archiving.html">Timelines</a>
 */
public record TimelineHistory(int timeline, List<Ancestor> ancestors) {
  private static final Pattern LINE = Pattern.compile("(\\d+)\\s+([0-9A-Fa-f]+/[0-9A-Fa-f]+)\\b.*");

  /**
   * One line of the file.
   *
   * @param timeline the ancestor
   * @param fork where its child begins: WAL of the ancestor from here on is not of this history
   */
  public record Ancestor(int timeline, Lsn fork) {}

  /** The history of a timeline that came from none. */
  public static TimelineHistory first(int timeline) {
    return new TimelineHistory(timeline, List.of());
  }

  /**
   * The history that a running server has in its pg_wal; timelines that came from none have none.
   */
  public static TimelineHistory of(Node node, int timeline) {
    TimelineHistory none = first(timeline);
    String text =
        node.getSql()
            .value(
                String.class,
                "select pg_read_file(?, 0, 1048576, true)",
                "pg_wal/" + none.fileName());
    return text == null ? none : parse(timeline, text);
  }

  /**
   * Reads the text of a file such as {@code 00000003.history}.
   *
   * @throws Problem with exit 1 if it is no such text
   */
  public static TimelineHistory parse(int timeline, String text) {
    List<Ancestor> ancestors = new ArrayList<>();
    for (String line : text.lines().map(String::strip).toList()) {
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      Matcher form = LINE.matcher(line);
      if (!form.matches()) {
        throw damaged(timeline, "line \"" + line + "\" names no timeline and LSN");
      }
      int ancestor = Integer.parseUnsignedInt(form.group(1));
      int before = ancestors.isEmpty() ? 0 : ancestors.getLast().timeline();
      if (ancestor <= before || ancestor >= timeline) {
        throw damaged(timeline, "timeline " + ancestor + " is out of order");
      }
      ancestors.add(new Ancestor(ancestor, Lsn.parse(form.group(2))));
    }
    return new TimelineHistory(timeline, List.copyOf(ancestors));
  }

  /** The name of its file, {@code 00000003.history}. */
  public String fileName() {
    return "%08X.history".formatted(timeline);
  }

  /** Which timeline the byte at an LSN belongs to in this history. */
  public int timelineAt(Lsn lsn) {
    return ancestors.stream()
        .filter(ancestor -> lsn.compareTo(ancestor.fork()) < 0)
        .map(Ancestor::timeline)
        .findFirst()
        .orElse(timeline);
  }

  /** Where this history leaves a timeline; empty if it never does, or never was on it. */
  public Optional<Lsn> forkOf(int ancestor) {
    return ancestors.stream()
        .filter(line -> line.timeline() == ancestor)
        .map(Ancestor::fork)
        .findFirst();
  }

  /**
   * Whether a server whose WAL ends at an LSN of a timeline can go on along this history, without a
   * rewind: exactly at the fork it still can.
   */
  public boolean contains(int other, Lsn end) {
    return other == timeline || forkOf(other).map(fork -> fork.reaches(end)).orElse(false);
  }

  /**
   * The segments that a recovery from an LSN of a timeline up to another LSN of this history reads.
   * The segment of a fork is that of the child, which begins with a copy of its parent's WAL.
   *
   * @throws Problem with exit 3 if the start is not of this history
   */
  public List<WalSegment> segments(int from, Lsn start, Lsn stop, DataSize size) {
    if (!contains(from, start)) {
      throw Problem.refused(
          "timeline %d at %s is not in the history of timeline %d"
              .formatted(from, start, timeline));
    }
    if (start.reaches(stop)) {
      return List.of();
    }
    List<WalSegment> result = new ArrayList<>();
    WalSegment last = WalSegment.endingAt(stop, timeline, size);
    for (WalSegment segment = WalSegment.containing(start, timeline, size);
        segment.number() <= last.number();
        segment = segment.next()) {
      Lsn lastByte = new Lsn(Lsn.earliest(segment.end(), stop).value() - 1);
      result.add(new WalSegment(timelineAt(lastByte), segment.number(), size));
    }
    return result;
  }

  /**
   * Up to where two histories are the same; empty if they are the same timeline: two that call
   * themselves so have not written down where they parted.
   */
  public Optional<Lsn> partsFrom(TimelineHistory other) {
    if (timeline == other.timeline) {
      return Optional.empty();
    }
    Lsn common = Lsn.NONE;
    for (int i = 0; ; i++) {
      Optional<Ancestor> ours = at(i);
      Optional<Ancestor> theirs = other.at(i);
      int own = ours.map(Ancestor::timeline).orElse(timeline);
      int others = theirs.map(Ancestor::timeline).orElse(other.timeline);
      if (own != others) {
        return Optional.of(common);
      }
      if (ours.isEmpty() || theirs.isEmpty() || !ours.equals(theirs)) {
        return Stream.of(ours, theirs)
            .flatMap(Optional::stream)
            .map(Ancestor::fork)
            .reduce(Lsn::earliest);
      }
      common = ours.get().fork();
    }
  }

  private Optional<Ancestor> at(int index) {
    return index < ancestors.size() ? Optional.of(ancestors.get(index)) : Optional.empty();
  }

  private static Problem damaged(int timeline, String fact) {
    return Problem.failed("history of timeline " + timeline + ": " + fact)
        .hint("Fetch the file again; it comes from the archive or from pg_wal of the server.");
  }
}
