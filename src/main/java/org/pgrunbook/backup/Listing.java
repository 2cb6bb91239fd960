package org.pgrunbook.backup;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.ssh.Command;

/**
 * What lies in a folder of a host, by one {@code find}; names may hold anything but a zero byte.
 */
final class Listing {
  private Listing() {}

  static List<Manifest.File> of(Node node, String folder) {
    Command find =
        Command.probe(
            "find",
            folder,
            "-ignore_readdir_race",
            "-mindepth",
            "1",
            "-printf",
            "%y\\t%s\\t%T@\\t%P\\0");
    return node.getSsh().stream(find, List.of(), remote -> read(remote.stdout()));
  }

  private static List<Manifest.File> read(InputStream in) throws IOException {
    List<Manifest.File> files = new ArrayList<>();
    ByteArrayOutputStream entry = new ByteArrayOutputStream();
    byte[] buffer = new byte[1 << 16];
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      int start = 0;
      for (int i = 0; i < count; i++) {
        if (buffer[i] == 0) {
          entry.write(buffer, start, i - start);
          files.add(parse(entry.toString(StandardCharsets.UTF_8)));
          entry.reset();
          start = i + 1;
        }
      }
      entry.write(buffer, start, count - start);
    }
    return files;
  }

  private static Manifest.File parse(String entry) {
    String[] parts = entry.split("\t", 4);
    String[] time = parts[2].split("\\.", 2);
    Instant modified =
        Instant.ofEpochSecond(
            Long.parseLong(time[0]), Long.parseLong((time[1] + "000000000").substring(0, 9)));
    return new Manifest.File(parts[3], parts[0], Long.parseLong(parts[1]), modified);
  }
}
