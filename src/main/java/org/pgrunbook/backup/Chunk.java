package org.pgrunbook.backup;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What goes into one archive: whole files, at most 1 GiB of them.
 *
 * @param tablespace the OID of the tablespace that they are in; empty: the data directory
 * @param files the files
 */
record Chunk(String tablespace, List<Manifest.File> files) {
  static final long LARGEST = 1L << 30;

  /** Below this an archive of its own costs more than it saves. */
  private static final long SMALLEST = 32L << 20;

  /** So many archives for each process keep all of them busy to the end. */
  private static final int ROUNDS = 4;

  long bytes() {
    return files.stream().mapToLong(Manifest.File::size).sum();
  }

  /**
   * Deals files to chunks, the largest first. Directories and links come first of all, in a chunk
   * of their own, so that whoever unpacks the chunks in order has the directories with their right
   * modes before their contents.
   */
  static List<Chunk> deal(String tablespace, List<Manifest.File> files, int processes) {
    List<Chunk> chunks = new ArrayList<>();
    List<Manifest.File> frame = files.stream().filter(file -> !file.kind().equals("f")).toList();
    chunks.add(new Chunk(tablespace, frame));
    List<Manifest.File> contents =
        files.stream()
            .filter(file -> file.kind().equals("f"))
            .sorted(
                Comparator.comparingLong(Manifest.File::size)
                    .reversed()
                    .thenComparing(Manifest.File::path))
            .toList();
    long all = contents.stream().mapToLong(Manifest.File::size).sum();
    long target = Math.clamp(all / ((long) processes * ROUNDS), SMALLEST, LARGEST);
    List<Manifest.File> chunk = new ArrayList<>();
    long bytes = 0;
    for (Manifest.File file : contents) {
      if (!chunk.isEmpty() && bytes + file.size() > target) {
        chunks.add(new Chunk(tablespace, List.copyOf(chunk)));
        chunk.clear();
        bytes = 0;
      }
      chunk.add(file);
      bytes += file.size();
    }
    if (!chunk.isEmpty()) {
      chunks.add(new Chunk(tablespace, List.copyOf(chunk)));
    }
    return chunks;
  }
}
