package org.pgrunbook.backup;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.pgrunbook.ssh.Command;

/**
 * The commands that pack a chunk on its host, {@code tar | compress}; nothing is kept in between.
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

  /** A pack that fails has another sum, so that its exit status is of no interest. */
  private static final String SUM = "{\n" + PACK + "} | sha256sum | head -c 64";

  private ArchiveCopy() {}

  /** The command that writes the packed chunk to its stdout. */
  static Command pack(String folder, Chunk chunk, String pack) {
    return Command.probeScript(PACK, folder, pack).stdin(names(chunk));
  }

  /** The command that answers the SHA-256 of what {@link #pack} would write. */
  static Command sum(String folder, Chunk chunk, String pack) {
    return Command.probeScript(SUM, folder, pack).stdin(names(chunk)).timeout(Duration.ofDays(1));
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
