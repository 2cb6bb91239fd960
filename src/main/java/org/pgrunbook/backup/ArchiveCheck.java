package org.pgrunbook.backup;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgrunbook.Sha256;

/**
 * Unpacks one archive of a backup in passing, and compares it with what the manifest lists. A file
 * that was written, or removed, between the listing and the copying is no fault: the WAL mends it
 * (P10).
 */
final class ArchiveCheck {
  /** What was found in an archive. */
  static final class Tally {
    long files;
    long pages;
    final List<String> faults = new ArrayList<>();
    final List<PageCheck.Suspect> suspects = new ArrayList<>();
  }

  private final Compression compression;
  private final Optional<PageCheck> pages;

  ArchiveCheck(Compression compression, Optional<PageCheck> pages) {
    this.compression = compression;
    this.pages = pages;
  }

  /** Reads an archive to its end, whatever is wrong with it. */
  Tally read(Manifest.Archive archive, InputStream stored) throws IOException {
    Tally tally = new Tally();
    Sha256 hashed = new Sha256(stored);
    try {
      unpack(archive, hashed, tally);
    } catch (IOException e) {
      tally.faults.add("cannot be unpacked: " + e.getMessage());
    }
    // If it was the reading that failed and not the unpacking, it fails here once more.
    if (!hashed.ofAll().equals(archive.sha256())) {
      tally.faults.clear();
      tally.suspects.clear();
      tally.faults.add("its SHA-256 is not that of the manifest");
    }
    return tally;
  }

  private void unpack(Manifest.Archive archive, InputStream packed, Tally tally)
      throws IOException {
    Map<String, Manifest.File> listed = new HashMap<>();
    archive.files().forEach(file -> listed.put(file.path(), file));
    TarReader tar = new TarReader(Unpacking.of(compression, packed));
    for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
      Manifest.File file = listed.remove(entry.get().path());
      if (file == null) {
        tally.faults.add("\"" + entry.get().path() + "\" is in it, but not in the manifest");
      } else {
        difference(file, entry.get()).ifPresent(tally.faults::add);
        if (pages.isPresent() && file.kind().equals("f")) {
          pages.get().read(file.path(), tar, tally);
        }
      }
      tally.files++;
    }
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
