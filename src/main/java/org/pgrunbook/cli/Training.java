package org.pgrunbook.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What the launcher lets Java watch once after a build, so that it keeps the classes that commands
 * need in a form that it can start from (an AOT cache): commands that look, and a run that reaches
 * for servers of which there are none.
 */
public final class Training {
  private static final String RUNBOOK =
      """
      /** Reach for everything. */
      @Target Cluster cluster
      @Param('a size') DataSize size = 1.MB
      @Param('whether to use the store') Boolean stores = false
      if (stores) {
          lock cluster.roles
          step('store') {
              def store = s3('training')
              store.probe()
              store.put('large', new ByteArrayInputStream(new byte[20_000_000]))
              store.putIfAbsent('small', 'small'.bytes)
              store.copy('small', 'copy', 5)
              store.list('').count()
              store.find('large')
              store.get('large') { content -> content.transferTo(OutputStream.nullOutputStream()) }
              store.delete('copy')
              store.deleteAll(['large', 'small'])
              null
          }
      }
      def node = cluster.nodes.first()
      def tried = step('reach for the servers') {
          int failed = 0
          try { node.sql.value(Integer, 'select 1') } catch (Problem e) { failed++ }
          try { node.ssh.read('true') } catch (Problem e) { failed++ }
          failed
      }
      note "$tried of $size"
      table([[tried: tried, at: now()]])
      """;

  private final Terminal terminal;

  private Training(Path folder, Path home) {
    this.terminal =
        new Terminal(
            new PrintWriter(Writer.nullWriter()),
            new PrintWriter(Writer.nullWriter()),
            Optional.empty(),
            Map.of("PGRUNBOOK_STATE", folder.resolve("state").toString()),
            folder,
            home,
            false);
  }

  /**
   * Trains, and leaves beside the jar what need not be made again: the texts of the help, and the
   * shipped runbooks compiled.
   *
   * @param arguments {@code light} for commands that only look; {@code full} for those that
   *     compile; {@code run}, after that, for those that carry out what is compiled already, and
   *     {@code store} for those that reach for a repository too: each class that is kept costs all
   *     that start from it
   */
  public static void main(String[] arguments) throws IOException, GeneralSecurityException {
    Path home = Path.of(System.getProperty("pgrunbook.home"));
    Path folder = Files.createTempDirectory("pgrunbook-training-");
    try {
      Training training = new Training(folder, home);
      switch (arguments[0]) {
        case "light" -> {
          training.look();
          training.keepHelp(Files.createDirectories(home.resolve("target/start/help")));
        }
        case "full" -> {
          delete(home.resolve("target/compiled"));
          training.look();
          training.prepare(folder);
          training.compile();
          training.keepCompiled(folder, home);
        }
        case "run" -> {
          training.prepare(folder);
          training.carryOut("run training training", "report last");
        }
        case "store" -> {
          try (TrainingStore store = new TrainingStore(folder)) {
            training.prepare(folder, "https://127.0.0.1:" + store.port());
            training.carryOut("run training training -p stores=true", "status", "backups");
          }
          // What a backup does between its requests is seen only with a server.
          load("org.pgrunbook.cli.Main", "org/pgrunbook/(backup|sql|ssh|store)/.*");
        }
        default -> throw new IllegalArgumentException(arguments[0]);
      }
      Ending.exit();
    } finally {
      delete(folder);
    }
  }

  private void look() {
    List.of("--help", "--version", "list", "runs", "completion bash")
        .forEach(line -> Main.run(terminal, List.of(line.split(" "))));
  }

  /** A runbook, and an inventory of servers that are not there. */
  private void prepare(Path folder) throws IOException {
    prepare(folder, "http://127.0.0.1:1");
  }

  /** The same, with a store that is there. */
  private void prepare(Path folder, String store) throws IOException {
    Path key = Files.writeString(folder.resolve("key"), "training");
    Path runbooks = Files.createDirectories(folder.resolve("runbooks"));
    Files.writeString(runbooks.resolve("training.groovy"), RUNBOOK);
    int nobody;
    try (ServerSocket socket = new ServerSocket(0)) {
      nobody = socket.getLocalPort();
    }
    Files.createDirectories(folder.resolve("inventory"));
    Files.writeString(
        folder.resolve("inventory/training.yml"),
        """
        repositories:
          main:
            s3:
              bucket: training
              endpoint: %s
              region: us-east-1
              pathStyle: true
              accessKey: { file: %s }
              secretKey: { file: %s }
        clusters:
          training:
            repository: main
            nodes:
              pg1:
                host: 127.0.0.1
                role: primary
                ssh: { port: %d, user: nobody }
                sql: { port: %d }
        """
            .formatted(store, key, key, nobody, nobody));
  }

  private void compile() throws IOException {
    // Twice, so that both the compiler and what comes out of the cache are seen.
    for (int i = 0; i < 2; i++) {
      List.of("check", "show backup/base-backup", "run training training", "log last", "inventory")
          .forEach(line -> Main.run(terminal, List.of(line.split(" "))));
    }
    converse();
  }

  /**
   * @param run what has to succeed: a cache of half a run would only be slow, and nobody would know
   */
  private void carryOut(String run, String... lines) throws IOException {
    if (Main.run(terminal, List.of(run.split(" "))) != 0) {
      throw new IllegalStateException("a training run failed: " + run);
    }
    List.of(lines).forEach(line -> Main.run(terminal, List.of(line.split(" "))));
    converse();
  }

  private static void converse() throws IOException {
    load("org.postgresql.Driver", "org/postgresql/.*");
    load("com.jcraft.jsch.JSch", "com/jcraft/jsch/(jce/)?[^/]*");
    encrypt();
  }

  /** What SSH and a password's proof ask of the JDK. */
  private static void encrypt() {
    try {
      KeyPair ours = KeyPairGenerator.getInstance("X25519").generateKeyPair();
      KeyAgreement agreement = KeyAgreement.getInstance("X25519");
      agreement.init(ours.getPrivate());
      agreement.doPhase(ours.getPublic(), true);
      byte[] secret = agreement.generateSecret();
      KeyPair signer = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(signer.getPrivate());
      signature.update(secret);
      signature.sign();
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(
          Cipher.ENCRYPT_MODE,
          new SecretKeySpec(secret, 0, 16, "AES"),
          new GCMParameterSpec(128, secret, 16, 12));
      cipher.doFinal(secret);
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      mac.doFinal(secret);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK 25 has these", e);
    }
  }

  /** The classes that only a conversation with a server would load. */
  private static void load(String one, String pattern) throws IOException {
    URI jar = URI.create(type(one).getProtectionDomain().getCodeSource().getLocation().toString());
    try (JarFile file = new JarFile(Path.of(jar).toFile())) {
      file.stream()
          .map(entry -> entry.getName())
          .filter(name -> name.endsWith(".class") && name.matches(pattern))
          .map(name -> name.replace('/', '.').replaceFirst("\\.class$", ""))
          .forEach(Training::type);
    }
  }

  /** Loads a class, or nothing if it was made for a library that is not here. */
  private static Class<?> type(String name) {
    try {
      return Class.forName(name, false, Training.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      return null;
    }
  }

  private void keepHelp(Path help) throws IOException {
    keep(help.resolve("pgrunbook"), "--help");
    for (String command : Main.names()) {
      keep(help.resolve(command), command, "--help");
    }
  }

  private void keep(Path file, String... arguments) throws IOException {
    StringWriter text = new StringWriter();
    var out = new PrintWriter(text);
    var page =
        new Terminal(
            out, out, Optional.empty(), Map.of(), terminal.folder(), terminal.home(), false);
    Main.run(page, List.of(arguments));
    Files.writeString(file, text.toString());
  }

  /** The shipped runbooks, compiled, beside the jar. */
  private void keepCompiled(Path folder, Path home) throws IOException {
    Path compiled = home.resolve("target/compiled");
    Files.move(folder.resolve("state/compiled"), compiled);
  }

  private static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
