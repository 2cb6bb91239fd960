package org.pgrunbook.store;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.pgrunbook.Problem;
import org.pgrunbook.Secrets;
import org.pgrunbook.Time;
import org.pgrunbook.inventory.RepositorySpec.S3;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** A bucket of S3, or of a server that speaks its language, and a prefix in it. */
final class Bucket implements Backend {
  /** Under this name an object's metadata keeps which upload made it. */
  private static final String MARK = "pgrunbook-upload";

  private final S3 place;
  private final Time time;
  private final Secrets secrets;
  private final Patience patience;
  private final Connection connection;

  Bucket(S3 place, Time time, Secrets secrets, Patience patience) {
    this.place = place;
    this.time = time;
    this.secrets = secrets;
    this.patience = patience;
    this.connection = new Connection(place, secrets, patience);
  }

  @Override
  public boolean put(String key, InputStream content, boolean replace) throws IOException {
    String mark = UUID.randomUUID().toString();
    Upload upload =
        new Upload(
            connection.get(),
            patience.sending(),
            new Upload.Target(place.bucket(), full(key), Map.of(MARK, mark), replace));
    try {
      upload.send(content);
      return true;
    } catch (SdkException e) {
      if (!leavesOpen(e)) {
        throw e;
      }
      Optional<Map<String, String>> found = metadata(key);
      // A request whose answer was lost is sent again, and then finds its own work done (P26).
      if (found.filter(metadata -> mark.equals(metadata.get(MARK))).isPresent()) {
        return true;
      }
      if (!replace && (found.isPresent() || isRefusal(e))) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Whether only a look tells what has come of a conditional request. A server that refuses may
   * also hang up before it has heard the content out, and then its answer is lost.
   */
  private static boolean leavesOpen(SdkException e) {
    return e instanceof S3Exception answer
        ? answer.statusCode() == 412 || answer.statusCode() == 404 || answer.statusCode() == 409
        : e instanceof SdkClientException && !(e instanceof AbortedException);
  }

  private static boolean isRefusal(SdkException e) {
    return e instanceof S3Exception answer && answer.statusCode() == 412;
  }

  private Optional<Map<String, String>> metadata(String key) {
    try {
      return Optional.of(
          connection
              .get()
              .headObject(request -> request.bucket(place.bucket()).key(full(key)))
              .metadata());
    } catch (NoSuchKeyException e) {
      return Optional.empty();
    }
  }

  @Override
  public Optional<SharedObject.Content> read(String key) {
    try {
      var answer =
          connection
              .get()
              .getObjectAsBytes(request -> request.bucket(place.bucket()).key(full(key)));
      return Optional.of(new SharedObject.Content(answer.asUtf8String(), answer.response().eTag()));
    } catch (NoSuchKeyException e) {
      return Optional.empty();
    }
  }

  @Override
  public boolean swap(String key, String text, Optional<String> mark) {
    try {
      connection
          .get()
          .putObject(
              request ->
                  request
                      .bucket(place.bucket())
                      .key(full(key))
                      .ifMatch(mark.orElse(null))
                      .ifNoneMatch(mark.isPresent() ? null : "*"),
              RequestBody.fromString(text));
      return true;
    } catch (SdkException e) {
      if (!leavesOpen(e)) {
        throw e;
      }
      Optional<SharedObject.Content> found = read(key);
      boolean ours = found.filter(content -> content.text().equals(text)).isPresent();
      if (!ours
          && !(e instanceof S3Exception)
          && found.map(SharedObject.Content::mark).equals(mark)) {
        throw e;
      }
      return ours;
    }
  }

  @Override
  public void copy(String from, String to) {
    try {
      connection
          .get()
          .copyObject(
              request ->
                  request
                      .sourceBucket(place.bucket())
                      .sourceKey(full(from))
                      .destinationBucket(place.bucket())
                      .destinationKey(full(to))
                      .overrideConfiguration(call -> call.apiCallTimeout(patience.sending())));
    } catch (NoSuchKeyException e) {
      throw Backend.missing(from).because(e);
    }
  }

  @Override
  public Content open(String key) {
    Download download =
        new Download(connection.get(), place.bucket(), full(key), time, this::explain);
    try {
      download.begin();
      return new Content(download, download.size());
    } catch (NoSuchKeyException e) {
      throw Backend.missing(key).because(e);
    }
  }

  @Override
  public Optional<Store.Listed> find(String key) {
    try {
      var head =
          connection.get().headObject(request -> request.bucket(place.bucket()).key(full(key)));
      return Optional.of(new Store.Listed(key, head.contentLength(), head.lastModified()));
    } catch (NoSuchKeyException e) {
      return Optional.empty();
    }
  }

  @Override
  public Page page(String prefix, Optional<String> from) {
    var answer =
        connection
            .get()
            .listObjectsV2(
                request ->
                    request
                        .bucket(place.bucket())
                        .prefix(full(prefix))
                        .continuationToken(from.orElse(null)));
    var objects =
        answer.contents().stream()
            .map(found -> new Store.Listed(own(found.key()), found.size(), found.lastModified()))
            .toList();
    return new Page(objects, Optional.ofNullable(answer.nextContinuationToken()));
  }

  @Override
  public List<String> delete(List<String> keys) {
    if (keys.size() == 1) {
      // Every S3-compatible store knows this one; not all know the other.
      connection
          .get()
          .deleteObject(request -> request.bucket(place.bucket()).key(full(keys.getFirst())));
      return List.of();
    }
    var objects =
        keys.stream().map(key -> ObjectIdentifier.builder().key(full(key)).build()).toList();
    // The answer is 200 also when some, or all, were refused.
    return connection
        .get()
        .deleteObjects(
            request ->
                request.bucket(place.bucket()).delete(batch -> batch.objects(objects).quiet(true)))
        .errors()
        .stream()
        .map(error -> "\"%s\": %s".formatted(own(error.key()), error.code()))
        .toList();
  }

  /** A listing, because its answer says what is wrong, which that of a HEAD cannot. */
  @Override
  public void probe() {
    connection
        .get()
        .listObjectsV2(request -> request.bucket(place.bucket()).prefix(full("")).maxKeys(1));
  }

  @Override
  public Problem explain(Exception failure) {
    return S3Failure.of(failure, place, secrets);
  }

  private String full(String key) {
    return place.prefix().isEmpty() ? key : place.prefix() + "/" + key;
  }

  private String own(String fullKey) {
    return place.prefix().isEmpty() ? fullKey : fullKey.substring(place.prefix().length() + 1);
  }

  @Override
  public void close() {
    connection.close();
  }
}
