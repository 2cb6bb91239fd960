package org.pgrunbook.backup;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.pgrunbook.Sha256;

/**
 * Unpacks one archive of a backup in passing, and compares it with what the manifest lists. A file
 * that was written, or removed, between the listing and the copying is no fault: the WAL mends it
 * (P10).
 */
final class ArchiveCheck {
  /** A multiple of every size that a page may have. */
  static final int BUFFER = 1 << 17;

  private static final int NAMED = 3;

  /** What was found in an archive. */
  static final class Tally {
    long files;
    long pages;
    final List<String> faults = new ArrayList<>();
    final List<PageCheck.Suspect> suspects = new ArrayList<>();

    /** The CRC-32C of each file, by its path. */
    final Map<String, String> sums = new HashMap<>();
  }

  private final Compression compression;
  private final Optional<PageCheck> pages;

  ArchiveCheck(Compression compression, Optional<PageCheck> pages) {
    this.compression = compression;
    this.pages = pages;
  }

  /** Whether the cluster's pages have checksums. */
  boolean looksAtPages() {
    return pages.isPresent();
  }

  /** Reads an archive that is stored to its end, whatever is wrong with it. */
  Tally read(Manifest.Archive archive, InputStream stored) throws IOException {
    Sha256 hashed = new Sha256(stored);
    Tally tally = read(archive.files(), hashed);
    List<String> others =
        archive.files().stream()
            .filter(file -> file.crc32c().isPresent())
            .filter(file -> !file.crc32c().get().equals(tally.sums.get(file.path())))
            .map(Manifest.File::path)
            .toList();
    // If it was the reading that failed and not the unpacking, it fails here once more.
    if (!hashed.ofAll().equals(archive.sha256())) {
      tally.faults.clear();
      tally.suspects.clear();
      tally.faults.add(
          "its SHA-256 is not that of the manifest"
              + (others.isEmpty() ? "" : "; cannot be read, or is another: " + named(others)));
    } else if (!others.isEmpty()) {
      tally.faults.add("another CRC-32C than in the manifest: " + named(others));
    }
    return tally;
  }

  private static String named(List<String> files) {
    String first =
        files.stream()
            .limit(NAMED)
            .map(path -> "\"" + path + "\"")
            .collect(Collectors.joining(", "));
    return files.size() > NAMED ? first + " and %d more".formatted(files.size() - NAMED) : first;
  }

  /** Reads an archive of these files, of which nothing else is known yet. */
  Tally read(List<Manifest.File> files, InputStream packed) {
    Tally tally = new Tally();
    // Closed, so that the memory of the decompressor is not left to the garbage collector.
    try (InputStream unpacked = Unpacking.of(compression, keptOpen(packed))) {
      compare(files, unpacked, tally);
    } catch (IOException e) {
      tally.faults.add("cannot be unpacked: " + e.getMessage());
    }
    return tally;
  }

  private static InputStream keptOpen(InputStream in) {
    return new FilterInputStream(in) {
      @Override
      public void close() {}
    };
  }

  private void compare(List<Manifest.File> files, InputStream unpacked, Tally tally)
      throws IOException {
    Map<String, Manifest.File> listed = new HashMap<>();
    files.forEach(file -> listed.put(file.path(), file));
    TarReader tar = new TarReader(unpacked);
    byte[] buffer = new byte[BUFFER];
    for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
      Manifest.File file = listed.remove(entry.get().path());
      if (file == null) {
        tally.faults.add("\"" + entry.get().path() + "\" is in it, but not in the manifest");
      } else {
        difference(file, entry.get()).ifPresent(tally.faults::add);
        if (entry.get().kind().equals("f")) {
          read(file.path(), tar, buffer, tally);
        }
      }
      tally.files++;
    }
  }

  /** Reads a file to its end. */
  void read(String path, TarReader tar, byte[] buffer, Tally tally) throws IOException {
    CRC32C sum = new CRC32C();
    Optional<PageCheck.Pages> relation = pages.flatMap(check -> check.of(path, tally));
    for (int count = tar.read(buffer); count > 0; count = tar.read(buffer)) {
      sum.update(buffer, 0, count);
      if (relation.isPresent()) {
        relation.get().look(buffer, count);
      }
    }
    tally.sums.put(path, "%08x".formatted(sum.getValue()));
  }

  /** Archives have whole seconds. */
  private static Optional<String> difference(Manifest.File listed, TarReader.Entry found) {
    Instant modified = listed.modified().truncatedTo(ChronoUnit.SECONDS);
    boolean file = listed.kind().equals("f");
    if (file && found.kind().equals("h")) {
      return Optional.empty();
    } else if (!listed.kind().equals(found.kind())) {
      return Optional.of("\"%s\" is of another kind than listed".formatted(listed.path()));
    } else if (file && found.modified().isBefore(modified)) {
      return Optional.of("\"%s\" is older than listed".formatted(listed.path()));
    } else if (file && found.modified().equals(modified) && found.size() < listed.size()) {
      return Optional.of(
          "\"%s\" has %d bytes, not %d".formatted(listed.path(), found.size(), listed.size()));
    }
    return Optional.empty();
  }
}
