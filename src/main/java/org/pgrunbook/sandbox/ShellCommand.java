package org.pgrunbook.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;

/**
 * An SSH exec request as a process of the host's shell: every byte passes as it is, the client's
 * half-close is the end of stdin, and the exit status comes after the last byte of output. When the
 * channel goes first, the whole process group is killed.
 */
final class ShellCommand implements Command {
  private static final int BUFFER = 64 * 1024;

  private final Host host;
  private final String line;
  private InputStream in;
  private OutputStream out;
  private OutputStream err;
  private ExitCallback exit;
  private Process process;

  ShellCommand(Host host, String line) {
    this.host = host;
    this.line = line;
  }

  @Override
  public void setInputStream(InputStream in) {
    this.in = in;
  }

  @Override
  public void setOutputStream(OutputStream out) {
    this.out = out;
  }

  @Override
  public void setErrorStream(OutputStream err) {
    this.err = err;
  }

  @Override
  public void setExitCallback(ExitCallback exit) {
    this.exit = exit;
  }

  @Override
  public void start(ChannelSession channel, Environment environment) throws IOException {
    process = host.shell(line).start();
    pump("stdin", this::feed);
    Thread output = pump("stdout", () -> copy(process.getInputStream(), out));
    Thread errors = pump("stderr", () -> copy(process.getErrorStream(), err));
    pump(
        "exit",
        () -> {
          output.join();
          errors.join();
          exit.onExit(process.waitFor());
        });
  }

  @Override
  public void destroy(ChannelSession channel) throws IOException {
    // A command that has ended by itself may have left a server running: that one stays.
    if (process != null && process.isAlive()) {
      new ProcessBuilder("/bin/sh", "-c", "kill -KILL -" + process.pid()).start();
    }
  }

  private void feed() throws IOException {
    try (OutputStream stdin = process.getOutputStream()) {
      copy(in, stdin);
    } catch (IOException e) {
      // The command reads no further; the client may go on sending and must not block.
      in.transferTo(OutputStream.nullOutputStream());
    }
  }

  private static void copy(InputStream from, OutputStream to) throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
      to.write(buffer, 0, count);
      to.flush();
    }
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  /** Platform threads: reading a pipe would hold a virtual thread's carrier. */
  private Thread pump(String name, Work work) {
    return Thread.ofPlatform()
        .daemon()
        .name(host.name() + " " + name)
        .start(
            () -> {
              try {
                work.run();
              } catch (IOException | InterruptedException e) {
                // The channel or the process has gone, which destroy() and the exit status tell.
              }
            });
  }
}
