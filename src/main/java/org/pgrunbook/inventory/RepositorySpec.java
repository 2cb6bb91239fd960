package org.pgrunbook.inventory;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where backups and WAL live.
 *
 * @param name the repository's name
 * @param place an S3 bucket and prefix, or a directory on this machine
 * @param keepFull how many full backups are kept at least
 * @param window how far back a restore must be possible
 * @param compression {@code zstd} (default), {@code gzip} or {@code none}
 */
public record RepositorySpec(
    String name,
    Place place,
    Optional<Integer> keepFull,
    Optional<Duration> window,
    String compression) {

  /** Where a repository is. */
  public sealed interface Place {}

  /**
   * A directory on the machine that runs pgrunbook.
   *
   * @param path absolute
   */
  public record Directory(Path path) implements Place {}

  /**
   * A bucket and a prefix in it.
   *
   * @param bucket the bucket
   * @param prefix key prefix without slashes at its ends; empty for none
   * @param region absent: the SDK's own search
   * @param endpoint an S3-compatible server; absent: AWS
   * @param pathStyle {@code https://host/bucket} instead of {@code https://bucket.host}
   * @param profile a profile of {@code ~/.aws/config}
   * @param accessKey absent: the SDK's own search
   * @param secretKey goes with {@code accessKey}
   */
  public record S3(
      String bucket,
      String prefix,
      Optional<String> region,
      Optional<String> endpoint,
      boolean pathStyle,
      Optional<String> profile,
      Optional<SecretReference> accessKey,
      Optional<SecretReference> secretKey)
      implements Place {}
}
