package org.pgrunbook;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A program that has run on this machine, with nothing to read and for a limited time.
 *
 * @param exit its exit status
 * @param stdout what it wrote
 * @param stderr what it complained of
 */
public record LocalProgram(int exit, String stdout, String stderr) {

  /**
   * Runs one. Whatever comes of it, none of its processes is left.
   *
   * @throws IOException if it cannot be started
   * @throws TimeoutException if it has not ended, and let go of its output, within the limit
   */
  public static LocalProgram run(List<String> argv, Duration limit)
      throws IOException, TimeoutException {
    Process process = new ProcessBuilder(argv).redirectInput(Path.of("/dev/null").toFile()).start();
    // Both are drained at once: a full pipe would hold the program up.
    CompletableFuture<String> output = drain(process.getInputStream());
    CompletableFuture<String> complaint = drain(process.getErrorStream());
    try {
      // What it leaves in the background may hold the pipes open: the limit is for that, too.
      CompletableFuture.allOf(process.onExit(), output, complaint)
          .get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return new LocalProgram(process.exitValue(), output.join(), complaint.join());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.interrupted("interrupted while a program ran").because(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("draining a pipe never fails", e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
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
}
