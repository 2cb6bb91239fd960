package org.pgrunbook.inventory;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.pgrunbook.Durations;
import org.pgrunbook.Problem;

/**
 * A command that prints a secret. What it says on its standard error may be shown, what it prints
 * never.
 */
record SecretCommand(String command, Duration limit) {
  private static final int LONGEST_COMPLAINT = 500;

  String output() {
    Process process = start();
    // Both are drained at once: a full pipe would hold the command up.
    CompletableFuture<String> output = drain(process.getInputStream());
    CompletableFuture<String> complaint = drain(process.getErrorStream());
    try {
      // What it leaves in the background may hold the pipes open: the limit is for that, too.
      CompletableFuture.allOf(process.onExit(), output, complaint)
          .get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw Problem.usage(subject() + " did not end within " + Durations.show(limit))
          .hint("Run it by hand: it must not ask for anything.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.interrupted("interrupted while a secret was read").because(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("draining a pipe never fails", e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      String said = complaint.join().strip();
      throw Problem.usage(
              subject()
                  + " failed with exit status "
                  + process.exitValue()
                  + (said.isEmpty() ? "" : ": " + tail(said)))
          .hint("Run it by hand as the user who runs pgrunbook.");
    }
    return output.join();
  }

  private Process start() {
    try {
      return new ProcessBuilder("sh", "-c", command)
          .redirectInput(Path.of("/dev/null").toFile())
          .start();
    } catch (IOException e) {
      throw Problem.usage(subject() + " cannot be started").because(e);
    }
  }

  private static CompletableFuture<String> drain(InputStream stream) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
          } catch (IOException e) {
            return "";
          }
        },
        Thread::startVirtualThread);
  }

  private static String tail(String text) {
    return text.substring(Math.max(0, text.length() - LONGEST_COMPLAINT));
  }

  private String subject() {
    return "secret command \"" + command + "\"";
  }
}
