package org.pgrunbook.sandbox;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.pgrunbook.Problem;

/**
 * The unpacked programs of one major version of PostgreSQL: {@code initdb}, {@code pg_ctl} and
 * {@code postgres}, nothing else.
 *
 * <p>They come from {@code target/sandbox-postgres/MAJOR.jar} below the folder that the system
 * property {@code pgrunbook.home} names (the present folder unless given) and are unpacked once,
 * into a folder that every user may read.
 *
 * @param major 15 to 18
 * @param folder holds {@code bin}, {@code lib} and {@code share}
 */
public record Binaries(int major, Path folder) {
  /** The major versions there are. */
  public static final List<Integer> MAJORS = List.of(15, 16, 17, 18);

  /**
   * The programs of a major version, unpacked if they are not yet.
   *
   * @throws Problem with exit 2 if this version was not built in
   */
  public static Binaries of(int major) {
    Path jar =
        Path.of(System.getProperty("pgrunbook.home", "."))
            .resolve("target/sandbox-postgres/" + major + ".jar");
    if (!Files.isReadable(jar)) {
      throw Problem.usage("no servers of PostgreSQL " + major + " for the sandbox: " + jar)
          .hint("Use one of " + MAJORS + ".")
          .hint("Run mvn process-classes to fetch them.");
    }
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      ZipEntry archive =
          zip.stream().filter(entry -> entry.getName().endsWith(".txz")).findAny().orElseThrow();
      // Named by its content, so that a newer release never meets the files of an older one.
      Path folder = cache().resolve("%d-%08x".formatted(major, archive.getCrc()));
      if (!Files.isDirectory(folder)) {
        unpackOnce(zip, archive, folder);
      }
      return new Binaries(major, folder);
    } catch (IOException e) {
      throw Problem.failed("cannot unpack " + jar + ": " + e.getMessage()).because(e);
    }
  }

  /** The path of a program such as {@code pg_ctl}. */
  public String program(String name) {
    return folder.resolve("bin").resolve(name).toString();
  }

  private static Path cache() throws IOException {
    String user = System.getProperty("user.name");
    Path cache = Path.of(System.getProperty("java.io.tmpdir"), "pgrunbook-postgres-" + user);
    Files.createDirectories(cache);
    // Anybody may create folders in /tmp: one that somebody else laid out for us is not run.
    if (Files.isSymbolicLink(cache)
        || !Files.getOwner(cache, LinkOption.NOFOLLOW_LINKS).getName().equals(user)) {
      throw Problem.refused("folder \"" + cache + "\" belongs to somebody else")
          .hint("Remove it, or set -Djava.io.tmpdir to a folder of your own.");
    }
    Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxr-xr-x"));
    return cache;
  }

  /** Unpacks beside and renames, so that nobody ever sees half of it. */
  private static void unpackOnce(ZipFile zip, ZipEntry archive, Path folder) throws IOException {
    Path beside = Files.createTempDirectory(folder.getParent(), "unpacking-");
    try (InputStream content = zip.getInputStream(archive)) {
      unpack(content, beside);
      openToAll(beside);
      Files.move(beside, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      delete(beside);
      // Another process was faster, then its files are as good as ours.
      if (!Files.isDirectory(folder)) {
        throw e;
      }
    }
  }

  private static void unpack(InputStream content, Path folder) throws IOException {
    var xz = new XZCompressorInputStream(new BufferedInputStream(content));
    try (var tar = new TarArchiveInputStream(xz)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path path = folder.resolve(entry.getName()).normalize();
        if (!path.startsWith(folder)) {
          throw new IOException(entry.getName() + " leads out of the archive");
        }
        Files.createDirectories(path.getParent());
        if (entry.isDirectory()) {
          Files.createDirectories(path);
        } else if (entry.isSymbolicLink()) {
          Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else {
          Files.copy(tar, path);
          boolean program = (entry.getMode() & 0100) != 0;
          Files.setPosixFilePermissions(
              path, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
        }
      }
    }
  }

  /** Whatever the umask took away: the servers may run as another user. */
  private static void openToAll(Path folder) throws IOException {
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.filter(found -> Files.isDirectory(found)).toList()) {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
