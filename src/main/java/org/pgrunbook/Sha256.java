package org.pgrunbook;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The SHA-256 of what is read, as hexadecimal digits. */
public final class Sha256 extends DigestInputStream {
  /** Sums up what is read from a stream. */
  public Sha256(InputStream in) {
    super(in, digest());
  }

  /** Of all that was read so far; to be asked once, at the end. */
  public String hex() {
    return HexFormat.of().formatHex(getMessageDigest().digest());
  }

  /** Reads what is left, and answers the sum of all of it. */
  public String ofAll() throws IOException {
    transferTo(OutputStream.nullOutputStream());
    return hex();
  }

  /** The sum of bytes. */
  public static String of(byte[] content) {
    return HexFormat.of().formatHex(digest().digest(content));
  }

  /** The algorithm, for what comes in pieces. */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
