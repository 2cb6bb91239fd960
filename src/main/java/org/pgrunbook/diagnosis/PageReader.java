package org.pgrunbook.diagnosis;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.pgrunbook.postgres.DataPage;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.RelationFile;
import org.pgrunbook.sql.Row;
import org.pgrunbook.ssh.Command;

/**
 * Reads the pages of a server's files from its disk, past its memory. A page that is being written
 * may be read half old and half new: one whose checksum is wrong is read again, and counts only if
 * it stays so.
 */
final class PageReader {
  private static final int TRIES = 3;
  private static final Duration PAUSE = Duration.ofMillis(500);

  /** A relation's files: those of its pages, its free space map and its visibility map. */
  private static final String FILES =
      """
      cd "$1" || exit
      while IFS= read -r path; do
          for file in "$path" "$path".[0-9]* "${path}_fsm" "${path}_vm"; do
              [ ! -f "$file" ] || printf '%s\\n' "$file"
          done
      done
      """;

  /** A page on the disk. */
  record At(String file, RelationFile relation, long block) {}

  private final Node node;
  private final String data;
  private final int pageSize;
  private final long pagesPerFile;
  private long read;

  PageReader(Server server) {
    this.node = server.node();
    this.data = node.getPostmaster().getData();
    Row layout = server.row(Question.PAGE_LAYOUT);
    this.pageSize = layout.number("page").intValue();
    this.pagesPerFile = layout.number("pages");
  }

  /** How many pages were read. */
  long read() {
    return read;
  }

  /** The pages of relations whose checksum is wrong. */
  List<At> damaged(Collection<String> paths) {
    List<String> files =
        node.getSsh()
            .run(Command.probeScript(FILES, data).stdin(String.join("\n", paths) + "\n"))
            .lines();
    List<At> damaged = new ArrayList<>();
    for (String file : files) {
      relation(file)
          .ifPresent(
              relation ->
                  node.getSsh().stream(
                      Command.probe("cat", "--", data + "/" + file),
                      remote -> {
                        scan(file, relation, remote.stdout(), damaged);
                        return null;
                      }));
    }
    return stillDamaged(damaged);
  }

  /** Those of these pages that are damaged here. */
  List<At> stillDamaged(List<At> suspects) {
    List<At> left = suspects;
    for (int tries = 1; tries < TRIES && !left.isEmpty(); tries++) {
      node.run().time().sleep(PAUSE);
      left = left.stream().filter(this::isWrong).toList();
    }
    return left;
  }

  private static Optional<RelationFile> relation(String file) {
    return RelationFile.of(file.replaceFirst("^pg_tblspc/\\d+/", ""));
  }

  private void scan(String file, RelationFile relation, InputStream bytes, List<At> damaged)
      throws IOException {
    byte[] page = new byte[pageSize];
    long block = relation.segment() * pagesPerFile;
    // The last page of a file that is just growing may be there in part.
    while (bytes.readNBytes(page, 0, pageSize) == pageSize) {
      read++;
      if (isWrong(page, block)) {
        damaged.add(new At(file, relation, block));
      }
      block++;
    }
  }

  private boolean isWrong(At at) {
    byte[] page =
        node.getSsh()
            .read(
                "dd",
                "if=" + data + "/" + at.file(),
                "bs=" + pageSize,
                "skip=" + at.block() % pagesPerFile,
                "count=1",
                "status=none")
            .bytes();
    // One that is not there any more is not damaged.
    return page.length == pageSize && isWrong(page, at.block());
  }

  private static boolean isWrong(byte[] bytes, long block) {
    DataPage page = new DataPage(bytes);
    return !page.isNew() && !page.hasChecksum(block);
  }
}
