package org.pgrunbook.sandbox;

import java.net.URI;
import java.nio.file.Path;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.pgrunbook.Problem;

/**
 * An S3 server on loopback: each folder of its folder is a bucket, each file in it an object.
 *
 * <p>It reads everything from the disk, so that it can be stopped and started again.
 */
public final class S3Server implements AutoCloseable {
  private final S3Proxy proxy;

  /**
   * Prepares a server; it listens after {@link #start()}.
   *
   * @param folder where the buckets are; must exist
   * @param accessKey the one access key that is let in
   * @param secretKey goes with the access key
   * @param port 0 for any free one
   */
  public S3Server(Path folder, String accessKey, String secretKey, int port) {
    proxy =
        S3Proxy.builder()
            .blobStore(new FilesystemNio2BlobStore(folder.toString()))
            .endpoint(URI.create("http://127.0.0.1:" + port))
            .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, accessKey, secretKey)
            .v4MaxNonChunkedRequestSize(256L << 20)
            .build();
  }

  /** Begins to listen. */
  public S3Server start() {
    try {
      proxy.start();
      return this;
    } catch (Exception e) {
      throw Problem.failed("the S3 server does not start: " + e.getMessage()).because(e);
    }
  }

  /** Where it listens, {@code http://127.0.0.1:PORT}. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + proxy.getPort());
  }

  @Override
  public void close() {
    try {
      proxy.stop();
    } catch (Exception e) {
      throw Problem.failed("the S3 server does not stop: " + e.getMessage()).because(e);
    }
  }
}
