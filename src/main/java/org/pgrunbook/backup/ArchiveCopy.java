package org.pgrunbook.backup;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.ssh.Command;
import org.pgrunbook.store.Store;

/**
 * Packs a chunk on the host and streams it into the store: {@code tar | compress | object}, nothing
 * kept in between.
 */
final class ArchiveCopy {
  /**
   * tar ends with 1 when a file changed while it was read, which the WAL mends, and with 2 also
   * when one vanished before it was reached, which is as harmless; whatever else it says is an
   * error (P10).
   */
  private static final String PACK =
      """
      exec 3>&1
      said=$(LC_ALL=C tar --create --format=gnu --directory="$1" --use-compress-program="$2" \\
          --warning=no-file-changed --warning=no-file-removed --warning=no-file-shrank \\
          --blocking-factor=256 --no-recursion --null --files-from=- --file=- 2>&1 >&3)
      status=$?
      exec 3>&-
      [ -z "$said" ] || printf '%s\\n' "$said" >&2
      [ $status -ne 1 ] || exit 0
      if [ $status -eq 2 ] && ! printf '%s\\n' "$said" | grep -qvE \\
          'Cannot (stat|open): No such file or directory$|: File removed before we read it$|Exiting with failure status due to previous errors$'
      then
          exit 0
      fi
      exit $status
      """;

  private ArchiveCopy() {}

  static Manifest.Archive store(
      Node node, Store store, String folder, Chunk chunk, String base, String key, String pack) {
    Store.Stored stored =
        node.getSsh().stream(
            pack(folder, chunk, pack),
            new Store.Stored(base + key, 0, ""),
            remote -> store.put(base + key, remote.stdout()));
    return new Manifest.Archive(
        key, stored.size(), stored.sha256(), chunk.bytes(), chunk.tablespace(), chunk.files());
  }

  /** The command that writes the packed chunk to its stdout. */
  static Command pack(String folder, Chunk chunk, String pack) {
    return Command.probeScript(PACK, folder, pack).stdin(names(chunk));
  }

  private static byte[] names(Chunk chunk) {
    ByteArrayOutputStream names = new ByteArrayOutputStream();
    for (Manifest.File file : chunk.files()) {
      names.writeBytes(file.path().getBytes(StandardCharsets.UTF_8));
      names.write(0);
    }
    return names.toByteArray();
  }
}
