package org.pgrunbook.store;

import java.net.URI;
import java.util.function.Supplier;
import org.pgrunbook.Problem;
import org.pgrunbook.Secrets;
import org.pgrunbook.inventory.RepositorySpec.S3;
import org.pgrunbook.inventory.SecretReference;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** The client of one bucket, built when it is first asked for: loading the SDK takes its time. */
final class Connection implements Supplier<S3Client>, AutoCloseable {
  private final S3 place;
  private final Secrets secrets;
  private final Patience patience;
  private S3Client client;

  Connection(S3 place, Secrets secrets, Patience patience) {
    this.place = place;
    this.secrets = secrets;
    this.patience = patience;
  }

  @Override
  public synchronized S3Client get() {
    if (client == null) {
      client = build();
    }
    return client;
  }

  private S3Client build() {
    var builder =
        S3Client.builder()
            // Named, because the SDK's search for one loads every candidate.
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(patience.connect())
                    .socketTimeout(patience.idle()))
            .overrideConfiguration(this::configure)
            .credentialsProvider(credentials())
            // This HTTP client would lose the text of an error that comes instead of "continue".
            .serviceConfiguration(s3 -> s3.expectContinueEnabled(false))
            // The certificate of *.s3.amazonaws.com does not cover a bucket with dots (P27).
            .forcePathStyle(place.pathStyle() || place.bucket().contains("."));
    place.endpoint().map(this::endpoint).ifPresent(builder::endpointOverride);
    place
        .region()
        .or(() -> place.endpoint().map(any -> "us-east-1"))
        .map(Region::of)
        .ifPresent(builder::region);
    return builder.build();
  }

  private void configure(ClientOverrideConfiguration.Builder configuration) {
    configuration
        .apiCallAttemptTimeout(patience.part())
        .apiCallTimeout(patience.answer())
        .retryStrategy(
            AwsRetryStrategy.standardRetryStrategy().toBuilder()
                .maxAttempts(patience.attempts())
                .retryOnException(Connection::conflict)
                .build());
    place.profile().ifPresent(configuration::defaultProfileName);
    if (place.accessKey().isPresent()) {
      // Nothing of ~/.aws is wanted then, so that it is not read either.
      configuration.defaultProfileFile(ProfileFile.aggregator().build());
    }
  }

  /** Two conditional writes at once: S3 asks the later one to try again. */
  private static boolean conflict(Throwable failure) {
    return failure instanceof S3Exception e
        && e.statusCode() == 409
        && "ConditionalRequestConflict".equals(e.awsErrorDetails().errorCode());
  }

  private AwsCredentialsProvider credentials() {
    if (place.accessKey().isEmpty()) {
      var search = DefaultCredentialsProvider.builder();
      place.profile().ifPresent(search::profileName);
      return search.build();
    }
    SecretReference access = place.accessKey().get();
    SecretReference secret =
        place
            .secretKey()
            .orElseThrow(
                () -> Problem.usage("accessKey is given without secretKey").at(access.place()));
    return StaticCredentialsProvider.create(
        AwsBasicCredentials.create(access.resolve(secrets), secret.resolve(secrets)));
  }

  private URI endpoint(String text) {
    String full = text.contains("://") ? text : "https://" + text;
    try {
      URI uri = URI.create(full);
      if (uri.getHost() != null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw Problem.usage("\"" + text + "\" is no endpoint")
        .hint("Write it as https://HOST or https://HOST:PORT.");
  }

  @Override
  public synchronized void close() {
    if (client != null) {
      client.close();
    }
  }
}
