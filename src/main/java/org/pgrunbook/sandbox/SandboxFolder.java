package org.pgrunbook.sandbox;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.pgrunbook.Problem;

/**
 * The one folder in which a sandbox lies, and what is where in it.
 *
 * @param root the folder
 */
record SandboxFolder(Path root) {

  /** The passwords and keys of a sandbox. */
  enum Secret {
    SQL_PASSWORD,
    REPLICATION_PASSWORD,
    S3_ACCESS_KEY,
    S3_SECRET_KEY
  }

  /**
   * The plan. As the first file that {@code up} writes and the last that {@code down} deletes it
   * also marks the folder as a sandbox; {@code up} holds a lock on it until it is done.
   */
  Path plan() {
    return root.resolve("sandbox.json");
  }

  /**
   * The inventory. As the last file that {@code up} writes it says that the sandbox is complete.
   */
  Path inventory() {
    return root.resolve("inventory.yml");
  }

  Path log() {
    return root.resolve("log");
  }

  Path hosts() {
    return root.resolve("hosts");
  }

  Path s3() {
    return root.resolve("s3");
  }

  Path identity() {
    return root.resolve("ssh/id_ed25519");
  }

  Path knownHosts() {
    return root.resolve("ssh/known_hosts");
  }

  Path secretFile(Secret secret) {
    return root.resolve("secrets")
        .resolve(secret.name().toLowerCase(Locale.ROOT).replace('_', '-'));
  }

  String secret(Secret secret) throws IOException {
    return Files.readString(secretFile(secret));
  }

  boolean isSandbox() {
    return Files.exists(plan());
  }

  boolean isEmpty() throws IOException {
    try (var content = Files.list(root)) {
      return content.findAny().isEmpty();
    }
  }

  /** Whether any user may pass through the folders above, as the servers must if we are root. */
  boolean isReachable() throws IOException {
    for (Path path = root.getParent(); path != null; path = path.getParent()) {
      if (Files.exists(path)
          && !Files.getPosixFilePermissions(path).contains(PosixFilePermission.OTHERS_EXECUTE)) {
        return false;
      }
    }
    return true;
  }

  /** Whether an {@code up} is at work, in this process or another. */
  boolean isBeingBroughtUp() throws IOException {
    try (FileChannel plan = FileChannel.open(plan(), StandardOpenOption.WRITE);
        FileLock lock = plan.tryLock()) {
      return lock == null;
    } catch (OverlappingFileLockException e) {
      return true;
    }
  }

  /**
   * Makes the folder, which is there, a sandbox.
   *
   * @return the lock of {@link #plan}, to write the plan through (closing any other channel to the
   *     file would release it); empty if the folder is a sandbox already
   * @throws Problem with exit 3 if something else lies in it
   */
  Optional<FileChannel> claim() throws IOException {
    if (isSandbox()) {
      return Optional.empty();
    }
    if (!isEmpty()) {
      throw Problem.refused("\"" + root + "\" is not empty and no sandbox")
          .state("nothing was changed");
    }
    try {
      FileChannel plan =
          FileChannel.open(plan(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      plan.lock();
      return Optional.of(plan);
    } catch (FileAlreadyExistsException e) {
      return Optional.empty();
    }
  }

  /** Makes the folders and secrets; the hosts' user can enter nothing but the hosts. */
  void furnish(Plan plan) throws IOException {
    Files.createDirectory(hosts());
    for (Path open : List.of(root, hosts())) {
      // Not at creation, where the umask would have its say.
      Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwx--x--x"));
    }
    for (Host host : plan.hosts(this)) {
      UnprivilegedUser.find().give(Files.createDirectory(host.home()));
    }
    for (Path closed : List.of(s3(), identity().getParent(), root.resolve("secrets"))) {
      Files.createDirectory(closed);
      Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    }
    var random = new SecureRandom();
    for (Secret secret : Secret.values()) {
      byte[] value = new byte[16];
      random.nextBytes(value);
      Files.writeString(secretFile(secret), HexFormat.of().formatHex(value));
    }
  }

  /** Deletes everything, the mark last: a folder that is half deleted is still known as ours. */
  void delete() throws IOException {
    List<Path> paths;
    try (var tree = Files.walk(root)) {
      paths = tree.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      if (!path.equals(plan()) && !path.equals(root)) {
        Files.deleteIfExists(path);
      }
    }
    Files.deleteIfExists(plan());
    Files.deleteIfExists(root);
  }
}
