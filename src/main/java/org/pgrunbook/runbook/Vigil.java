package org.pgrunbook.runbook;

import java.time.Duration;
import org.pgrunbook.Time;
import org.pgrunbook.store.SharedObject;

/**
 * A watch over a lock that somebody else holds.
 *
 * <p>The clocks of two machines differ, so that the age of a heartbeat says nothing for certain: by
 * it a living holder could look dead, and its lock be stolen. What is certain is how long this
 * machine, by its own monotonic clock, has seen the object stay the same. A holder writes it anew
 * every {@link Lease#BEAT}; who has seen no new writing for {@link Lease#LIFE} knows that it has
 * not been renewed for as long. The clocks are only compared to decide whether it is worth the
 * wait.
 */
final class Vigil {
  private final Time time;
  private String mark;
  private long since;
  private boolean moved;
  private boolean doubtful;

  Vigil(Time time) {
    this.time = time;
  }

  /** Notes what the lock is at this moment. */
  void look(SharedObject.Content content, Holder holder) {
    if (!content.mark().equals(mark)) {
      moved |= mark != null;
      mark = content.mark();
      since = time.nanos();
    }
    doubtful =
        Duration.between(holder.heartbeat(), time.now()).abs().compareTo(Lease.LIFE) > 0 && !moved;
  }

  /** Whether its holder has given no sign of life for so long that it has lost the lock. */
  boolean isOver() {
    return mark != null && time.since(since).compareTo(Lease.LIFE) >= 0;
  }

  /** Whether its holder was seen to renew it, right before now. */
  boolean hasMoved() {
    return moved;
  }

  /**
   * Whether, by the clocks, its holder could be dead, and was not looked at for long enough yet.
   */
  boolean isDoubtful() {
    return doubtful && !isOver();
  }
}
