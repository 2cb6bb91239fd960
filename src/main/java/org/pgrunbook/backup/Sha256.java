package org.pgrunbook.backup;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The SHA-256 of what is read, as hexadecimal digits. */
final class Sha256 extends DigestInputStream {
  Sha256(InputStream in) {
    super(in, digest());
  }

  /** Of all that was read so far; to be asked once, at the end. */
  String hex() {
    return HexFormat.of().formatHex(getMessageDigest().digest());
  }

  /** Reads what is left, and answers the sum of all of it. */
  String ofAll() throws IOException {
    transferTo(OutputStream.nullOutputStream());
    return hex();
  }

  static String of(byte[] content) {
    return HexFormat.of().formatHex(digest().digest(content));
  }

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
