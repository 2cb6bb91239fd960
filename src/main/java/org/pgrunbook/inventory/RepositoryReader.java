package org.pgrunbook.inventory;

import java.nio.file.Path;
import java.util.Optional;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.RepositorySpec.Directory;
import org.pgrunbook.inventory.RepositorySpec.Place;
import org.pgrunbook.inventory.RepositorySpec.S3;

/** Reads a repository. */
final class RepositoryReader {
  private RepositoryReader() {}

  static RepositorySpec read(String name, Section repository) {
    Place place = place(repository);
    Section retention = repository.section("retention");
    return new RepositorySpec(
        name,
        place,
        retention.get("full", Form.number(1, 9999)),
        retention.get("window", Form.duration()),
        repository.get("compression", Form.word("zstd", "gzip", "none"), "zstd"));
  }

  private static Place place(Section repository) {
    boolean s3 = repository.has("s3");
    Optional<Path> directory = repository.get("directory", Form.localPath());
    if (s3 == repository.has("directory")) {
      repository.fault(
          repository.position(),
          Problem.usage(
                  repository.subject()
                      + (s3 ? " has both" : " has neither")
                      + " \"s3\" "
                      + (s3 ? "and" : "nor")
                      + " \"directory\"")
              .hint("Give one of the two: that is where its backups live."));
    }
    return s3 ? bucket(repository.section("s3")) : new Directory(directory.orElse(Path.of("")));
  }

  private static S3 bucket(Section s3) {
    if (s3.has("accessKey") != s3.has("secretKey")) {
      s3.fault(
          s3.position(),
          Problem.usage("\"accessKey\" and \"secretKey\" go together")
              .hint("Give both, or neither to use a profile or the machine's own role."));
    }
    return new S3(
        s3.required("bucket", Form.text(), ""),
        s3.get("prefix", Form.prefix(), ""),
        s3.get("region", Form.text()),
        s3.get("endpoint", Form.url()),
        s3.get("pathStyle", Form.flag(), false),
        s3.get("profile", Form.text()),
        s3.get("accessKey", Form.secret()),
        s3.get("secretKey", Form.secret()));
  }
}
