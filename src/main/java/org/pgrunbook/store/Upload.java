package org.pgrunbook.store;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.pgrunbook.Problem;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * Sends a stream of unknown length to one target. A stream shorter than a part goes as one request;
 * a longer one in parts, two on their way while the next is read.
 *
 * <p>S3 takes at most 10,000 parts of at least 5 MiB (P24). The parts grow with the stream, 8, 16
 * and 32 MiB for a thousand parts each and 64 MiB from then on: 492 GiB in all, and three buffers
 * of 8 MiB for the first 8 GiB.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html">Multipart upload
 *     limits</a>
 */
final class Upload {
  /** Bytes of the first thousand parts. */
  static final int FIRST_PART = 8 << 20;

  private static final int MOST_PARTS = 10_000;
  private static final int IN_FLIGHT = 2;

  private final S3Client s3;
  private final Duration patience;
  private final String bucket;
  private final String key;
  private final Map<String, String> metadata;
  private final String condition;

  /** What is made: where, with which metadata, and whether it may replace another. */
  record Target(String bucket, String key, Map<String, String> metadata, boolean replace) {}

  Upload(S3Client s3, Duration patience, Target target) {
    this.s3 = s3;
    this.patience = patience;
    this.bucket = target.bucket();
    this.key = target.key();
    this.metadata = target.metadata();
    this.condition = target.replace() ? null : "*";
  }

  /** Bytes of a part, by its number from 1. */
  static int partSize(int number) {
    return FIRST_PART << Math.min(3, (number - 1) / 1_000);
  }

  void send(InputStream content) throws IOException {
    byte[] first = content.readNBytes(FIRST_PART);
    if (first.length < FIRST_PART) {
      s3.putObject(
          request ->
              request
                  .bucket(bucket)
                  .key(key)
                  .metadata(metadata)
                  .ifNoneMatch(condition)
                  .overrideConfiguration(this::patiently),
          body(first, first.length));
    } else {
      sendParts(first, content);
    }
  }

  private void sendParts(byte[] first, InputStream rest) throws IOException {
    String id =
        s3.createMultipartUpload(request -> request.bucket(bucket).key(key).metadata(metadata))
            .uploadId();
    boolean complete = false;
    try {
      List<CompletedPart> parts = parts(id, first, rest);
      s3.completeMultipartUpload(
          request ->
              request
                  .bucket(bucket)
                  .key(key)
                  .uploadId(id)
                  .ifNoneMatch(condition)
                  .multipartUpload(upload -> upload.parts(parts))
                  .overrideConfiguration(this::patiently));
      complete = true;
    } finally {
      if (!complete) {
        abort(id);
      }
    }
  }

  private List<CompletedPart> parts(String id, byte[] first, InputStream rest) throws IOException {
    List<CompletedPart> done = new ArrayList<>();
    Deque<Future<CompletedPart>> flying = new ArrayDeque<>();
    byte[][] buffers = new byte[IN_FLIGHT + 1][];
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      byte[] buffer = first;
      int length = first.length;
      for (int number = 1; length > 0; number++) {
        if (number > MOST_PARTS) {
          throw Problem.failed("the content of \"" + key + "\" is longer than 492 GiB")
              .hint("Split it over several objects.");
        }
        buffers[number % buffers.length] = buffer;
        if (flying.size() == IN_FLIGHT) {
          done.add(landed(flying.remove()));
        }
        flying.add(fly(threads, id, number, buffer, length));
        // The part that was sent from the next slot has landed, so that its buffer is free.
        buffer = fitting(buffers[(number + 1) % buffers.length], partSize(number + 1));
        length = rest.readNBytes(buffer, 0, buffer.length);
      }
      while (!flying.isEmpty()) {
        done.add(landed(flying.remove()));
      }
      return done;
    } finally {
      // A part that arrives after the upload was aborted would be kept, and paid for (P25).
      threads.shutdownNow();
      threads.close();
    }
  }

  private Future<CompletedPart> fly(
      ExecutorService threads, String id, int number, byte[] buffer, int length) {
    return threads.submit(
        () -> {
          var answer =
              s3.uploadPart(
                  part ->
                      part.bucket(bucket)
                          .key(key)
                          .uploadId(id)
                          .partNumber(number)
                          .overrideConfiguration(this::patiently),
                  body(buffer, length));
          return CompletedPart.builder()
              .partNumber(number)
              .eTag(answer.eTag())
              .checksumCRC32(answer.checksumCRC32())
              .build();
        });
  }

  private void patiently(AwsRequestOverrideConfiguration.Builder request) {
    request.apiCallTimeout(patience);
  }

  private static CompletedPart landed(Future<CompletedPart> part) {
    try {
      return part.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SdkException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.interrupted("interrupted while storing").because(e);
    }
  }

  private static byte[] fitting(byte[] buffer, int size) {
    return buffer != null && buffer.length == size ? buffer : new byte[size];
  }

  /** Not the SDK's own, which copies the bytes. */
  private static RequestBody body(byte[] bytes, int length) {
    return RequestBody.fromContentProvider(
        () -> new ByteArrayInputStream(bytes, 0, length), length, "application/octet-stream");
  }

  /** Removes the parts, which no listing of objects shows. */
  private void abort(String id) {
    // The SDK sends nothing from an interrupted thread.
    boolean interrupted = Thread.interrupted();
    try {
      s3.abortMultipartUpload(request -> request.bucket(bucket).key(key).uploadId(id));
    } catch (SdkException e) {
      // What went wrong first is what must be told; the bucket's lifecycle rule removes the rest.
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
