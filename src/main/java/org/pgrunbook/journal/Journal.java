package org.pgrunbook.journal;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.pgrunbook.Secrets;
import org.pgrunbook.Time;

/**
 * The one event stream of a run. Events are stamped, cleared of secrets and handed to each listener
 * in order; whoever tells an event returns only when all have heard it, which is what makes an
 * intent durable before its change.
 */
public final class Journal {
  private static final ScopedValue<String> STEP = ScopedValue.newInstance();

  private final Time time;
  private final Secrets secrets;
  private final List<Listener> listeners;
  private final AtomicLong operations = new AtomicLong();
  private long sequence;

  public Journal(Time time, Secrets secrets, List<Listener> listeners) {
    this.time = time;
    this.secrets = secrets;
    this.listeners = List.copyOf(listeners);
  }

  /** Tells an event to every listener. */
  public void tell(Event event) {
    Event clean = Redaction.of(event, secrets);
    String step = secrets.redact(step());
    synchronized (this) {
      Entry entry = new Entry(++sequence, time.now(), step, clean);
      listeners.forEach(listener -> listener.heard(entry));
    }
  }

  /** Tells a remark that the reader should see. */
  public void note(String text) {
    tell(new Event.Said(Event.Said.Level.NOTE, text));
  }

  /** Tells a warning: the work goes on, but somebody should look at it. */
  public void warn(String text) {
    tell(new Event.Said(Event.Said.Level.WARNING, text));
  }

  /**
   * Tells how far a step's work is, where the bytes that travel do not tell it.
   *
   * @param total how many bytes of work there are
   * @return takes how many more of them are done
   */
  public LongConsumer progressOf(long total) {
    AtomicLong done = new AtomicLong();
    tell(new Event.Progressed(0, total));
    return more -> tell(new Event.Progressed(done.addAndGet(more), total));
  }

  /**
   * Runs something inside a step; what is told meanwhile, also by threads that {@link #carry} it,
   * belongs to it.
   */
  public <T, X extends Throwable> T inside(String step, ScopedValue.CallableOp<T, X> body)
      throws X {
    return ScopedValue.where(STEP, step).call(body);
  }

  /** The path of the step in progress, empty outside of any. */
  public static String step() {
    return STEP.orElse("");
  }

  /** A task that belongs to the present step also when another thread runs it. */
  public static Runnable carry(Runnable task) {
    String step = step();
    Runnable settled = Doubt.carry(task);
    return () -> ScopedValue.where(STEP, step).run(settled);
  }

  long nextOperation() {
    return operations.incrementAndGet();
  }
}
