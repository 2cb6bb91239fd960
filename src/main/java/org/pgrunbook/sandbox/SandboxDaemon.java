package org.pgrunbook.sandbox;

import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.forward.AcceptAllForwardingFilter;
import org.pgrunbook.Problem;
import org.pgrunbook.Time;
import org.pgrunbook.sandbox.SandboxFolder.Secret;

/**
 * The process behind a sandbox: the SSH servers of its hosts and its S3 server. {@link Sandbox#up}
 * starts it; it ends when it is killed or the sandbox's folder is gone.
 */
public final class SandboxDaemon {
  private static final Duration CHECK = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private SandboxDaemon() {}

  /** Serves the sandbox in the folder given as the only argument. */
  public static void main(String[] arguments) throws InterruptedException {
    var folder = new SandboxFolder(Path.of(arguments[0]));
    // In a thread whose end is our end, however it ends: the SSH servers' threads would go on.
    Thread.ofPlatform().start(() -> serve(folder)).join();
    System.exit(0);
  }

  private static void serve(SandboxFolder folder) {
    try {
      Plan plan = Plan.read(folder);
      // New keys each time: the daemon lives as long as its sandbox.
      KeyPair user = SshKeys.generate();
      Map<Host, KeyPair> hosts = new LinkedHashMap<>();
      for (Host host : plan.hosts(folder)) {
        hosts.put(host, SshKeys.generate());
      }
      SshKeys.write(folder, user, hosts);
      for (var host : hosts.entrySet()) {
        sshServer(host.getKey(), host.getValue(), user).start();
      }
      s3Server(folder, plan).start();
    } catch (Exception e) {
      throw new IllegalStateException("the sandbox cannot be served", e);
    }
    while (folder.isSandbox()) {
      Time.system().sleep(CHECK);
    }
  }

  /** Starts the daemon in a session of its own, so that it outlives us and our terminal. */
  static Process start(SandboxFolder folder) throws IOException {
    List<String> command =
        List.of(
            "setsid",
            ProcessHandle.current().info().command().orElse("java"),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx512m",
            "-cp",
            absoluteClassPath(),
            SandboxDaemon.class.getName(),
            folder.root().toString());
    var builder = new ProcessBuilder(command).directory(folder.root().toFile());
    SandboxProcesses.mark(builder.environment(), folder.root());
    return builder
        .redirectInput(new File("/dev/null"))
        .redirectErrorStream(true)
        .redirectOutput(folder.log().toFile())
        .start();
  }

  private static String absoluteClassPath() {
    // The daemon's current folder is another one.
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /**
   * Waits until all servers answer.
   *
   * @throws Problem with exit 1 if the daemon ends, or they do not answer for half a minute
   */
  static void await(Process daemon, SandboxFolder folder, Plan plan, Time time) throws IOException {
    long start = time.nanos();
    while (!answers(folder, plan)) {
      if (!daemon.isAlive() || time.since(start).compareTo(LIMIT) > 0) {
        throw Problem.failed("the SSH and S3 servers of the sandbox did not come up")
            .hint("They said: " + Files.readString(folder.log()).strip());
      }
      time.sleep(PAUSE);
    }
  }

  private static boolean answers(SandboxFolder folder, Plan plan) {
    return plan.hosts(folder).stream().allMatch(SandboxDaemon::answersSsh) && answersHttp(plan);
  }

  private static boolean answersSsh(Host host) {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), host.sshPort())) {
      socket.setSoTimeout((int) LIMIT.toMillis());
      byte[] greeting = socket.getInputStream().readNBytes(4);
      return new String(greeting, StandardCharsets.US_ASCII).equals("SSH-");
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean answersHttp(Plan plan) {
    try {
      var request =
          (HttpURLConnection)
              URI.create("http://127.0.0.1:" + plan.s3Port() + "/").toURL().openConnection();
      request.setReadTimeout((int) LIMIT.toMillis());
      // Without credentials it refuses, which is an answer.
      return request.getResponseCode() > 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static SshServer sshServer(Host host, KeyPair key, KeyPair user) {
    SshServer server = SshServer.setUpDefaultServer();
    server.setHost("127.0.0.1");
    server.setPort(host.sshPort());
    server.setKeyPairProvider(KeyPairProvider.wrap(key));
    server.setPublickeyAuthenticator(
        (name, offered, session) ->
            name.equals(Plan.SSH_USER) && KeyUtils.compareKeys(offered, user.getPublic()));
    server.setCommandFactory((channel, line) -> new ShellCommand(host, line));
    // For connections to PostgreSQL through the SSH session.
    server.setForwardingFilter(AcceptAllForwardingFilter.INSTANCE);
    // A command may be quiet for hours.
    CoreModuleProperties.IDLE_TIMEOUT.set(server, Duration.ZERO);
    CoreModuleProperties.NIO2_READ_TIMEOUT.set(server, Duration.ZERO);
    return server;
  }

  private static S3Server s3Server(SandboxFolder folder, Plan plan) throws IOException {
    // A folder is a bucket.
    Files.createDirectory(folder.s3().resolve(Plan.BUCKET));
    return new S3Server(
        folder.s3(),
        folder.secret(Secret.S3_ACCESS_KEY),
        folder.secret(Secret.S3_SECRET_KEY),
        plan.s3Port());
  }
}
