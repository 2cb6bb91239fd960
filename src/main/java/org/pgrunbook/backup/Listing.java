package org.pgrunbook.backup;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.ssh.Command;

/**
 * What lies in a folder of a host, by one {@code find}; names may hold anything but a zero byte.
 */
final class Listing {
  private Listing() {}

  /**
   * Lists a folder, which may be a link, and all below it, where links are not followed.
   *
   * @throws Problem with exit 1 if the folder cannot be read, or if a name in it is not UTF-8
   */
  static List<Manifest.File> of(Node node, String folder) {
    Command find =
        Command.probe(
            "find",
            folder.replaceFirst("/*$", "/"),
            "-ignore_readdir_race",
            "-mindepth",
            "1",
            "-printf",
            "%y\\t%s\\t%T@\\t%P\\0");
    return node.getSsh().stream(
        find, List.of(), remote -> entries(remote.stdout()).stream().map(Listing::parse).toList());
  }

  /** What a command has written, each entry ended by a zero byte. */
  static List<String> entries(InputStream in) throws IOException {
    List<String> entries = new ArrayList<>();
    ByteArrayOutputStream entry = new ByteArrayOutputStream();
    byte[] buffer = new byte[1 << 16];
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      int start = 0;
      for (int i = 0; i < count; i++) {
        if (buffer[i] == 0) {
          entry.write(buffer, start, i - start);
          entries.add(text(entry.toByteArray()));
          entry.reset();
          start = i + 1;
        }
      }
      entry.write(buffer, start, count - start);
    }
    return entries;
  }

  /** Decoded leniently, the file would not be found again and be taken for one that vanished. */
  private static String text(byte[] entry) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(entry)).toString();
    } catch (CharacterCodingException e) {
      throw Problem.failed(
              "the name of \"%s\" is not UTF-8"
                  .formatted(new String(entry, StandardCharsets.UTF_8)))
          .hint("PostgreSQL makes no such file: rename it, or move it out of the data directory.")
          .because(e);
    }
  }

  private static Manifest.File parse(String entry) {
    String[] parts = entry.split("\t", 4);
    String[] time = parts[2].split("\\.", 2);
    Instant modified =
        Instant.ofEpochSecond(
            Long.parseLong(time[0]), Long.parseLong((time[1] + "000000000").substring(0, 9)));
    return new Manifest.File(
        parts[3], parts[0], Long.parseLong(parts[1]), modified, Optional.empty());
  }
}
