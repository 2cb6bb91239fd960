package org.pgrunbook.ssh;

import com.jcraft.jsch.ChannelExec;
import com.jcraft.jsch.JSchException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongPredicate;
import org.pgrunbook.Problem;
import org.pgrunbook.journal.Event;
import org.pgrunbook.journal.Meter;
import org.pgrunbook.journal.Run;

/** A command that runs on a host, and its three streams. To be used by one thread. */
public final class Remote implements AutoCloseable {
  private static final int BUFFER = 1 << 20;

  /** Enough for what only has a few lines to say: a hundred hosts may be asked at once. */
  private static final int SMALL_BUFFER = 32 << 10;

  private static final int WINDOW = 4 << 20;
  private static final int PACKET = 128 << 10;
  private static final int OPEN_MILLIS = 10_000;

  private final Command command;
  private final Run run;
  private final Meter meter;
  private final Limit limit;
  private final LongPredicate killer;
  private final Pipe out;
  private final Pipe in;
  private final CompletableFuture<Integer> exited = new CompletableFuture<>();
  private final Stderr stderr;
  private final InputStream stdout;
  private final OutputStream stdin;
  private ChannelExec channel;
  private CompletableFuture<Void> opening = CompletableFuture.failedFuture(new IOException());
  private boolean stopped;

  /**
   * A command, not started yet.
   *
   * @param streams whether a body reads and writes much
   * @param killer ends a process group and says whether it is certain that nothing of it is left
   */
  Remote(
      Command command, boolean streams, Run run, Meter meter, Limit limit, LongPredicate killer) {
    this.command = command;
    this.run = run;
    this.meter = meter;
    this.limit = limit;
    this.killer = killer;
    int buffer = streams ? BUFFER : SMALL_BUFFER;
    this.out = new Pipe(buffer, limit);
    this.in = new Pipe(buffer, limit);
    this.stderr = new Stderr(listener(Event.Wrote.Stream.STDERR), this::closed);
    this.stdout = new Stdout(out.source(), this::moved, this::exit);
    this.stdin = in.sink();
  }

  /** Who tells the lines of a stream, if they are to be told. */
  Optional<Lines> listener(Event.Wrote.Stream stream) {
    return command.told()
        ? Optional.of(new Lines(line -> meter.wrote(stream, line)))
        : Optional.empty();
  }

  /**
   * Starts the command.
   *
   * @return false if the server takes no further command on this connection
   */
  boolean start(Connection connection) throws IOException {
    try {
      channel = connection.channel();
      channel.setCommand(Shell.remote(command.argv()));
      channel.setOutputStream(out.sink());
      channel.setErrStream(stderr);
      channel.setLocalWindowSizeMax(WINDOW);
      channel.setLocalPacketSize(PACKET);
      OutputStream to = channel.getOutputStream();
      opening = CompletableFuture.runAsync(this::open, Thread::startVirtualThread);
      opening.get();
      Thread.startVirtualThread(() -> feed(to));
      return true;
    } catch (InterruptedException e) {
      throw Limit.interrupted();
    } catch (ExecutionException | JSchException e) {
      if (channel != null && channel.isClosed() && connection.alive()) {
        return false;
      }
      throw new IOException("cannot start the command: " + e.getMessage(), e);
    }
  }

  /** In a thread of its own, because JSch swallows interrupts. */
  private void open() {
    try {
      channel.connect(OPEN_MILLIS);
    } catch (JSchException e) {
      throw new CompletionException(e.getMessage(), e);
    }
  }

  private void feed(OutputStream to) {
    // First the group: a command that reads nothing could keep its host from ever telling it.
    CompletableFuture.anyOf(stderr.group, exited).join();
    boolean given = command.input().length > 0;
    InputStream from = given ? new ByteArrayInputStream(command.input()) : in.source();
    byte[] buffer = new byte[given ? Math.min(PACKET, command.input().length) : in.size(PACKET)];
    try {
      for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
        to.write(buffer, 0, count);
        to.flush();
        if (channel.isClosed()) {
          // JSch would go on and drop everything.
          throw new IOException("the channel is closed");
        }
        moved(count);
      }
      to.close();
    } catch (IOException e) {
      // The exit status tells why nobody reads, so it must be known before the body hears of it.
      CompletableFuture<Void> _ =
          exited.thenRun(() -> in.fail(new IOException("the command reads no more", e)));
    }
  }

  private void closed() {
    exited.complete(channel.getExitStatus());
  }

  private void moved(int bytes) {
    limit.moved();
    meter.moved(bytes);
  }

  /**
   * What the command writes. The end is told only when the command has ended well; until then, and
   * if it has not, reading fails: nobody takes half an output for the whole.
   */
  public InputStream stdout() {
    return stdout;
  }

  /** What the command reads; must be closed for the command to see an end. */
  public OutputStream stdin() {
    return stdin;
  }

  /** The end of what the command has written to stderr so far. */
  public String stderr() {
    return stderr.text();
  }

  /**
   * Ends stdin, drops what is left of stdout and waits for the command to end.
   *
   * @return the exit status, which is an accepted one
   * @throws IOException if it is not
   */
  public int waitFor() throws IOException {
    stdin.close();
    stdout.transferTo(OutputStream.nullOutputStream());
    return exit();
  }

  /** Ends the command at once if it still runs; its exit status is of no interest then. */
  @Override
  public void close() {
    stopped |= !exited.isDone();
    stop();
  }

  /** Whether it was left to end by itself. */
  boolean isFinished() {
    return !stopped;
  }

  /** What follows the body in a dry run: nobody wants what a described change has not read. */
  void finishOrStop() throws IOException {
    if (exited.isDone()) {
      finish();
    } else {
      close();
    }
  }

  /** What follows the body: the command must end well too. */
  void finish() throws IOException {
    if (!stopped) {
      meter.result("exit", waitFor());
    }
  }

  private int exit() throws IOException {
    try {
      int exit = exited.get(Math.max(0, limit.untilEnd()), TimeUnit.NANOSECONDS);
      if (!command.accepted().contains(exit)) {
        throw new IOException("the command ended with exit status " + exit);
      }
      return exit;
    } catch (InterruptedException e) {
      throw Limit.interrupted();
    } catch (TimeoutException e) {
      throw limit.exceed();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether it is certain that no process of the command is left. */
  private boolean stop() {
    if (opening.isCompletedExceptionally() || exited.isDone()) {
      return true;
    }
    // The kill has to wait for answers, which an interrupted thread cannot.
    boolean interrupted = Thread.interrupted();
    // Frees JSch's thread, which may wait for a reader and so could not deliver the kill's answer.
    IOException reason = new IOException("the command was stopped");
    out.fail(reason);
    in.fail(reason);
    try {
      return killer.test(stderr.group.get(15, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      interrupted = true;
      return false;
    } catch (TimeoutException | ExecutionException e) {
      return false;
    } finally {
      channel.disconnect();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** What went wrong, in the order of what explains most. Nothing of the command runs on. */
  Problem failure(Exception e) {
    var complaint = new Complaint(command, run.secrets(), stderr);
    if (Thread.currentThread().isInterrupted() || e instanceof InterruptedIOException) {
      return stopped(complaint.interrupted().because(e));
    }
    if (exited.isDone() && !stopped) {
      int exit = exited.join();
      if (exit < 0) {
        return complaint.lost(Optional.ofNullable(channel.getExitSignal())).because(e);
      }
      if (!command.accepted().contains(exit)) {
        return complaint.ended(exit).because(e);
      }
    }
    if (limit.exceeded().isPresent()) {
      return stopped(complaint.exceeded(limit.exceeded().get()).because(e));
    }
    return stopped(e instanceof Problem own ? own : Problem.failed(e.getMessage()).because(e));
  }

  private Problem stopped(Problem problem) {
    boolean ran = !opening.isCompletedExceptionally() && !exited.isDone();
    boolean gone = stop();
    if (ran && problem.state().isEmpty()) {
      problem.state(
          gone
              ? "its processes on the host were ended"
              : "its processes may still be running on the host");
    }
    return problem;
  }
}
