package org.pgrunbook.store;

import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.pgrunbook.Problem;
import org.pgrunbook.Secrets;
import org.pgrunbook.inventory.RepositorySpec.S3;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;

/** What an operator should hear of the SDK's exceptions: no stack, no request, no secret. */
final class S3Failure {
  private final S3 place;
  private final Secrets secrets;
  private final Exception failure;

  private S3Failure(S3 place, Secrets secrets, Exception failure) {
    this.place = place;
    this.secrets = secrets;
    this.failure = failure;
  }

  static Problem of(Exception failure, S3 place, Secrets secrets) {
    S3Failure told = new S3Failure(place, secrets, failure);
    return (failure instanceof AwsServiceException e ? told.answer(e) : told.silence())
        .because(failure);
  }

  /** The store answered. */
  private Problem answer(AwsServiceException e) {
    AwsErrorDetails details = e.awsErrorDetails();
    String code = details == null || details.errorCode() == null ? "" : details.errorCode();
    return switch (code) {
      case "NoSuchBucket" ->
          unreachable("does not exist")
              .hint("Create it, or correct bucket: of the repository in the inventory.");
      case "InvalidAccessKeyId" ->
          unreachable("does not know the access key").hint("Look at " + keySource() + ".");
      case "SignatureDoesNotMatch" ->
          unreachable("says that the secret key does not go with the access key")
              .hint("Look at " + keySource() + ".");
      case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidToken" ->
          unreachable("says that the session has expired").hint("Log in again, then resume.");
      case "RequestTimeTooSkewed" ->
          unreachable("says that this machine's clock is wrong").hint("Set the clock by NTP.");
      case "PermanentRedirect",
          "AuthorizationHeaderMalformed",
          "IllegalLocationConstraintException" ->
          unreachable("is in another region").hint(regionHint(details));
      default -> byStatus(e, code);
    };
  }

  private Problem byStatus(AwsServiceException e, String code) {
    String said = "%d %s".formatted(e.statusCode(), code).strip();
    return switch (e.statusCode()) {
      case 301, 307 -> unreachable("is in another region").hint(regionHint(e.awsErrorDetails()));
      case 401, 403 ->
          unreachable("does not let us in: " + said)
              .hint(
                  "Allow listing, reading, writing and deleting under \"" + place.prefix() + "\".");
      case 501 ->
          failed("cannot do this: " + said + detail(e))
              .hint(
                  "If it is the newer checksums, set"
                      + " AWS_REQUEST_CHECKSUM_CALCULATION=WHEN_REQUIRED.");
      case 400 ->
          failed("refused the request: " + said + detail(e))
              .hint(
                  "An older S3-compatible store may need"
                      + " AWS_REQUEST_CHECKSUM_CALCULATION=WHEN_REQUIRED.");
      case 429, 500, 502, 503, 504 ->
          failed("is overloaded or out of order: " + said)
              .hint("Look at the store's own status, or run fewer jobs at once; then resume.");
      default -> failed("answered " + said + detail(e));
    };
  }

  /** The store did not answer, or was not asked. */
  private Problem silence() {
    for (Throwable cause :
        Stream.iterate((Throwable) failure, c -> c != null, Throwable::getCause).toList()) {
      Problem problem =
          switch (cause) {
            case Problem known -> known;
            case UnknownHostException _ -> notReached("has an unknown host name");
            case ConnectException _, NoRouteToHostException _ ->
                notReached("does not accept connections");
            case SocketTimeoutException _,
                ApiCallTimeoutException _,
                ApiCallAttemptTimeoutException _ ->
                notReached("does not answer in time");
            case SocketException _ -> notReached("breaks off its connections");
            case SSLException _ ->
                unreachable("has no TLS connection that can be trusted")
                    .hint("Look at the certificate and at https:// in endpoint: of the inventory.");
            case AbortedException _, InterruptedException _, InterruptedIOException _ ->
                Problem.interrupted("interrupted while waiting for " + name());
            default -> null;
          };
      if (problem != null) {
        return problem;
      }
    }
    return other(firstLine(failure.getMessage()));
  }

  private Problem other(String message) {
    if (message.startsWith("Unable to load credentials")) {
      return unreachable("needs credentials, and none were found")
          .hint("Set accessKey: and secretKey:, or profile:, of the repository in the inventory.");
    }
    if (message.startsWith("Unable to load region")) {
      return Problem.usage(name() + " needs a region, and none was found")
          .hint("Set region: of the repository in the inventory.");
    }
    return failed("failed: " + message);
  }

  private Problem notReached(String what) {
    return unreachable(what)
        .hint("Look at endpoint: of the repository in the inventory, the network and the store.");
  }

  private Problem unreachable(String what) {
    return Problem.unreachable(name() + " " + what);
  }

  private Problem failed(String what) {
    return Problem.failed(name() + " " + what);
  }

  private String name() {
    return "bucket \"" + place.bucket() + "\"" + place.endpoint().map(at -> " at " + at).orElse("");
  }

  private String keySource() {
    return place.accessKey().isPresent()
        ? "accessKey: and secretKey: of the repository in the inventory"
        : "the environment and ~/.aws, where the keys were found";
  }

  private static String regionHint(AwsErrorDetails details) {
    return details.sdkHttpResponse() == null
        ? "Correct region: of the repository in the inventory."
        : details
            .sdkHttpResponse()
            .firstMatchingHeader("x-amz-bucket-region")
            .map(region -> "Set region: " + region + " of the repository in the inventory.")
            .orElse("Correct region: of the repository in the inventory.");
  }

  private String detail(AwsServiceException e) {
    String message = e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorMessage();
    return message == null ? "" : ", " + firstLine(message);
  }

  private String firstLine(String message) {
    return message == null
        ? failure.getClass().getSimpleName()
        : secrets.redact(message.lines().findFirst().orElse(""));
  }
}
