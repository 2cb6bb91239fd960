package org.pgrunbook.ssh;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What came back of a command that ended.
 *
 * @param exit its exit status
 * @param bytes what it wrote to stdout, to the byte
 * @param stderr the end of what it wrote to stderr
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody; copying 16 MiB would help nobody.
public record Output(int exit, byte[] bytes, String stderr) {
  static final Output NONE = new Output(0, new byte[0], "");

  /** Stdout as UTF-8, without the line feeds at its end. */
  public String text() {
    return stdout().replaceFirst("\\n+$", "");
  }

  /** Stdout as lines. */
  public List<String> lines() {
    return stdout().lines().toList();
  }

  private String stdout() {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
