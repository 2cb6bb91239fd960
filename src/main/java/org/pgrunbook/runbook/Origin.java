package org.pgrunbook.runbook;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Who started a run, where and how: the head of its journal.
 *
 * @param user the operating system's user
 * @param host this machine's name
 * @param arguments the command line
 * @param version pgrunbook's version
 */
public record Origin(String user, String host, List<String> arguments, String version) {

  /** This process, started with those arguments. */
  public static Origin of(List<String> arguments, String version) {
    return new Origin(System.getProperty("user.name"), hostName(), List.copyOf(arguments), version);
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  /**
   * The git revision of the folder that a runbook lies in; empty where there is none. Git is at
   * work from now on, and is waited for when the answer is wanted.
   */
  static Supplier<String> revision(Path file) {
    try {
      Process git =
          new ProcessBuilder("git", "describe", "--always", "--dirty", "--abbrev=12")
              .directory(file.toAbsolutePath().getParent().toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return () -> answer(git);
    } catch (IOException e) {
      return () -> ""; // no git here
    }
  }

  private static String answer(Process git) {
    try {
      git.getOutputStream().close();
      String out =
          new String(git.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      return git.waitFor(5, TimeUnit.SECONDS) && git.exitValue() == 0 ? out.strip() : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
