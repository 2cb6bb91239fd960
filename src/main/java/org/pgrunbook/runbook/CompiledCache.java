package org.pgrunbook.runbook;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.pgrunbook.Sha256;
import org.pgrunbook.journal.State;

/**
 * Compiled runbooks by the digest of what they were compiled from: the source, its file's name, and
 * pgrunbook itself, which knows the versions of all that it is built with. So an entry is never
 * stale, only unused.
 *
 * @param folders where to look; what is compiled anew goes into the first
 */
public record CompiledCache(List<Path> folders) {
  private static final String SUFFIX = ".runbook";

  /** No cache: everything is compiled whenever it is asked for. */
  public static CompiledCache none() {
    return new CompiledCache(List.of());
  }

  /** In the folder of the state; the shipped runbooks were compiled when pgrunbook was built. */
  public static CompiledCache of(State state) {
    Path home = Path.of(System.getProperty("pgrunbook.home", "."));
    return new CompiledCache(List.of(state.compiled(), home.resolve("target/compiled")));
  }

  Optional<CompiledForm> find(Source source) {
    return folders.stream()
        .map(folder -> folder.resolve(key(source)))
        .filter(Files::isRegularFile)
        .findFirst()
        .flatMap(file -> read(file, source));
  }

  /** Keeps it if it can: without the cache everything works, only slower. */
  void keep(Source source, CompiledForm form) {
    if (folders.isEmpty()) {
      return;
    }
    Path folder = folders.getFirst();
    try {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Path draft = Files.createTempFile(folder, "draft", null);
      Files.write(draft, form.bytes());
      Files.move(draft, folder.resolve(key(source)), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // A folder that cannot be written is told by the journal, which matters.
      return;
    }
  }

  private static Optional<CompiledForm> read(Path file, Source source) {
    try {
      return Optional.of(CompiledForm.of(Files.readAllBytes(file), source));
    } catch (IOException | RuntimeException e) {
      return Optional.empty(); // torn or foreign: it is compiled anew
    }
  }

  private static String key(Source source) {
    MessageDigest digest = Sha256.digest();
    digest.update(Build.SUM);
    digest.update(source.file().getFileName().toString().getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
    digest.update(source.text().getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest.digest()) + SUFFIX;
  }

  /**
   * A sum of the pgrunbook that runs: of its jar, or of its classes in a build's folder. A CRC and
   * the size, because Java is not warm yet when it is asked: SHA-256 of a few megabytes takes it a
   * tenth of a second. It has to tell one build from another, not to withstand anybody.
   */
  private static final class Build {
    static final byte[] SUM = sum();

    private static byte[] sum() {
      try {
        URI code = CompiledCache.class.getProtectionDomain().getCodeSource().getLocation().toURI();
        Path place = Path.of(code);
        CRC32 crc = new CRC32();
        long size = 0;
        try (Stream<Path> files = Files.walk(place)) {
          for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
            byte[] content = Files.readAllBytes(file);
            crc.update(content);
            size += content.length;
          }
        }
        return ByteBuffer.allocate(2 * Long.BYTES).putLong(crc.getValue()).putLong(size).array();
      } catch (IOException | URISyntaxException e) {
        throw new IllegalStateException("cannot read the classes that run", e);
      }
    }
  }
}
