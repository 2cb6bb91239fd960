package org.pgrunbook.store;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.pgrunbook.Problem;
import org.pgrunbook.Time;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * The content of one object. A connection that breaks or falls silent is replaced by another from
 * where it broke, so that nobody needs to read a gigabyte twice; a short answer counts as broken. A
 * store that falls silent for the third time is given up.
 */
final class Download extends InputStream {
  /** Breaks in a row, without a byte between them. */
  private static final int MOST_BREAKS = 5;

  /** Each has taken as long as is waited for a byte, whatever came before it. */
  private static final int MOST_SILENCES = 2;

  private final S3Client s3;
  private final String bucket;
  private final String key;
  private final Time time;
  private final Function<Exception, Problem> explain;
  private ResponseInputStream<GetObjectResponse> content;
  private String etag;
  private long size;
  private long position;
  private int breaks;
  private int silences;

  Download(
      S3Client s3, String bucket, String key, Time time, Function<Exception, Problem> explain) {
    this.s3 = s3;
    this.bucket = bucket;
    this.key = key;
    this.time = time;
    this.explain = explain;
  }

  /** Sends the first request. */
  void begin() {
    content = s3.getObject(request -> request.bucket(bucket).key(key));
    etag = content.response().eTag();
    size = content.response().contentLength();
  }

  /** Bytes of the whole object. */
  long size() {
    return size;
  }

  @Override
  public int read() {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    while (true) {
      try {
        int count = content.read(target, offset, length);
        if (count >= 0) {
          position += count;
          breaks = count > 0 ? 0 : breaks;
          return count;
        }
        if (position == size) {
          return -1;
        }
        resume(new EOFException("the answer ended early"));
      } catch (IOException | SdkException e) {
        resume(e);
      }
    }
  }

  private void resume(Exception cause) {
    if (isSilence(cause) && ++silences > MOST_SILENCES) {
      throw explain.apply(cause).state(reached());
    }
    // All bytes are here, so that what failed is the comparison with the object's checksum.
    if (position == size || ++breaks > MOST_BREAKS) {
      throw Problem.failed("object \"" + key + "\" cannot be read to its end")
          .because(cause)
          .state(reached());
    }
    content.abort();
    time.sleep(Duration.ofMillis(ThreadLocalRandom.current().nextLong(100L << breaks)));
    try {
      content =
          s3.getObject(
              request ->
                  request.bucket(bucket).key(key).ifMatch(etag).range("bytes=" + position + "-"));
    } catch (SdkException e) {
      if (e instanceof S3Exception answer && answer.statusCode() == 412) {
        throw Problem.failed("object \"" + key + "\" was replaced while it was read").because(e);
      }
      throw explain.apply(e).state(reached());
    }
    String range = content.response().contentRange();
    if (range == null || !range.startsWith("bytes " + position + "-")) {
      throw Problem.failed("the store cannot continue an object where it broke off")
          .state(reached());
    }
  }

  private static boolean isSilence(Throwable cause) {
    return cause instanceof SocketTimeoutException
        || (cause.getCause() != null && isSilence(cause.getCause()));
  }

  private String reached() {
    return "%d of %d bytes of \"%s\" were read".formatted(position, size, key);
  }

  @Override
  public void close() throws IOException {
    if (position < size) {
      content.abort(); // Closing would read the rest.
    } else {
      content.close();
    }
  }
}
