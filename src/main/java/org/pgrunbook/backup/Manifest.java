package org.pgrunbook.backup;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgrunbook.DataSize;
import org.pgrunbook.postgres.Lsn;

/**
 * What a backup consists of: {@code manifest.json}, written last. A backup without it does not
 * exist.
 *
 * @param format the version of this format; a reader refuses a newer one
 * @param id the backup's id, {@code 20260301T014500Z-full}
 * @param type {@code full}
 * @param cluster the cluster's name in the inventory
 * @param systemIdentifier PostgreSQL's identifier of the database system
 * @param postgres the server's major version
 * @param host the node that the files were read from
 * @param dataDirectory where they lay there
 * @param segmentSize size of a WAL segment
 * @param timeline the timeline that the backup was taken on
 * @param startLsn where recovery has to start
 * @param stopLsn where the data is consistent
 * @param startTime when the backup began, by the server's clock
 * @param stopTime when it ended, by the server's clock: targets before it cannot be reached
 * @param checksums whether the pages have checksums
 * @param compression how the objects are compressed
 * @param settings the settings that recovery needs to be at least as high (P49)
 * @param tablespaces where the tablespaces lay
 * @param objects the archives, in the order in which they are unpacked
 * @param control the object with {@code global/pg_control}, which is put in place last
 * @param label the object with {@code backup_label}
 * @param tablespaceMap the object with {@code tablespace_map}, if there are tablespaces
 * @param instructions the object with RESTORE.md; absent only in a draft
 * @param pages what came of the pages that were looked at while it was taken; absent if none were
 * @param version of pgrunbook
 */
public record Manifest(
    int format,
    String id,
    String type,
    String cluster,
    String systemIdentifier,
    int postgres,
    String host,
    String dataDirectory,
    DataSize segmentSize,
    int timeline,
    Lsn startLsn,
    Lsn stopLsn,
    Instant startTime,
    Instant stopTime,
    boolean checksums,
    Compression compression,
    Map<String, String> settings,
    List<Tablespace> tablespaces,
    List<Archive> objects,
    Plain control,
    Plain label,
    Optional<Plain> tablespaceMap,
    Optional<Plain> instructions,
    Optional<Pages> pages,
    String version) {

  /** The format that this version writes. */
  public static final int FORMAT = 1;

  /**
   * A tablespace: its OID, its name and where it lay.
   *
   * @param oid the name of its link in pg_tblspc
   * @param name its name
   * @param location where it lay
   */
  public record Tablespace(String oid, String name, String location) {}

  /**
   * A compressed tar archive of whole files.
   *
   * @param key relative to the backup, {@code data/0001.tar.zst}
   * @param size bytes as stored
   * @param sha256 of what is stored
   * @param input bytes of its files
   * @param tablespace the OID of the tablespace that it belongs to; empty: the data directory
   * @param files what is in it
   */
  public record Archive(
      String key, long size, String sha256, long input, String tablespace, List<File> files) {

    /** Whether it holds the directories: the first of each folder, to be unpacked first. */
    boolean hasFolders() {
      return key.contains("/0001.tar");
    }

    /** The same with a CRC-32C for each file that has one, by their paths. */
    Archive withSums(Map<String, String> sums) {
      List<File> summed = files.stream().map(file -> file.withSum(sums.get(file.path()))).toList();
      return new Archive(key, size, sha256, input, tablespace, summed);
    }
  }

  /**
   * A file, as it was listed before it was copied: the server may have changed it since, which its
   * WAL mends.
   *
   * @param kind {@code f} for a file, {@code d} for a directory, {@code l} for a symbolic link
   * @param path below the data directory, or the tablespace
   * @param size bytes
   * @param modified when it was written last
   * @param crc32c of its content in the archive, 8 hexadecimal digits; absent if that was not
   *     looked at while the backup was taken, or if it has none of its own
   */
  public record File(
      String path, String kind, long size, Instant modified, Optional<String> crc32c) {
    private File withSum(String sum) {
      return new File(path, kind, size, modified, Optional.ofNullable(sum));
    }
  }

  /**
   * The pages that were looked at while the backup was taken.
   *
   * @param checked how many
   * @param damaged those that have a wrong checksum and are not written anew by the WAL of the
   *     backup; in a draft also those of which the WAL has still to tell
   */
  public record Pages(long checked, List<Page> damaged) {}

  /**
   * A page of a table or an index.
   *
   * @param archive the object that it is in
   * @param file its file, below the data directory or the tablespace
   * @param number within its fork, counted over all the files of it
   */
  public record Page(String archive, String file, long number) {
    @Override
    public String toString() {
      return "page %d of \"%s\"".formatted(number, file);
    }
  }

  /**
   * An object that is stored as it is.
   *
   * @param key below the backup's folder
   * @param size bytes
   * @param sha256 hexadecimal digits
   */
  public record Plain(String key, long size, String sha256) {}

  /** The same without the lists of files: what a restore needs of it. */
  Manifest withoutFiles() {
    return with(
        objects.stream()
            .map(
                o ->
                    new Archive(
                        o.key(), o.size(), o.sha256(), o.input(), o.tablespace(), List.of()))
            .toList(),
        instructions,
        pages);
  }

  /** The same with the object that tells how to restore it by hand. */
  Manifest withInstructions(Plain object) {
    return with(objects, Optional.of(object), pages);
  }

  /** The same with what the WAL has told of the pages under suspicion. */
  Manifest withDamaged(List<Page> damaged) {
    return with(objects, instructions, pages.map(it -> new Pages(it.checked(), damaged)));
  }

  /** The pages that were damaged already when they were copied, as far as anybody has looked. */
  List<Page> damagedPages() {
    return pages.map(Pages::damaged).orElse(List.of());
  }

  private Manifest with(List<Archive> archives, Optional<Plain> restore, Optional<Pages> looked) {
    return new Manifest(
        format,
        id,
        type,
        cluster,
        systemIdentifier,
        postgres,
        host,
        dataDirectory,
        segmentSize,
        timeline,
        startLsn,
        stopLsn,
        startTime,
        stopTime,
        checksums,
        compression,
        settings,
        tablespaces,
        archives,
        control,
        label,
        tablespaceMap,
        restore,
        looked,
        version);
  }

  /** The objects of the backup by their keys, with their sizes. */
  Map<String, Long> sizes() {
    Map<String, Long> sizes = new LinkedHashMap<>();
    objects.forEach(object -> sizes.put(object.key(), object.size()));
    plains().forEach(object -> sizes.put(object.key(), object.size()));
    return sizes;
  }

  /** Those of them without which it cannot be restored. */
  Map<String, Long> neededSizes() {
    Map<String, Long> sizes = sizes();
    instructions.ifPresent(object -> sizes.remove(object.key()));
    return sizes;
  }

  /** The objects that are stored as they are. */
  List<Plain> plains() {
    return Stream.of(Optional.of(control), Optional.of(label), tablespaceMap, instructions)
        .flatMap(Optional::stream)
        .toList();
  }

  /** What is stored in all. */
  public DataSize stored() {
    return new DataSize(objects.stream().mapToLong(Archive::size).sum());
  }

  /** What is restored in all. */
  public DataSize restored() {
    return new DataSize(objects.stream().mapToLong(Archive::input).sum());
  }
}
