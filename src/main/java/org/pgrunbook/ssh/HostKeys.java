package org.pgrunbook.ssh;

import com.jcraft.jsch.HostKey;
import com.jcraft.jsch.HostKeyRepository;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Session;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.pgrunbook.Problem;
import org.pgrunbook.Sha256;

/** Which host keys are trusted, and what to say of one that is not. Nobody is ever asked. */
final class HostKeys {
  private HostKeys() {}

  /** Trusts the keys in these files, as far as they are there. Nothing is written to them. */
  static void trust(JSch jsch, List<Path> files) throws JSchException {
    var all = new ByteArrayOutputStream();
    for (Path file : files) {
      if (Files.isReadable(file)) {
        try {
          all.writeBytes(Files.readAllBytes(file));
          all.write('\n');
        } catch (IOException e) {
          throw Problem.usage("cannot read known hosts from \"" + file + "\"").because(e);
        }
      }
    }
    jsch.setKnownHosts(new ByteArrayInputStream(all.toByteArray()));
  }

  /** Why the key that the host has shown is not trusted; empty if it is, or if none was shown. */
  static Optional<Problem> refusal(Session session, Endpoint endpoint) {
    HostKey shown = session.getHostKey();
    if (shown == null) {
      return Optional.empty();
    }
    HostKeyRepository known = session.getHostKeyRepository();
    byte[] key = Base64.getDecoder().decode(shown.getKey());
    return switch (known.check(endpoint.knownAs(), key)) {
      case HostKeyRepository.OK -> Optional.empty();
      case HostKeyRepository.CHANGED ->
          Optional.of(
              changed(shown, known.getHostKey(endpoint.knownAs(), shown.getType()), endpoint));
      default -> Optional.of(unknown(shown, endpoint));
    };
  }

  private static Problem unknown(HostKey shown, Endpoint endpoint) {
    return Problem.unreachable(
            "host key of "
                + endpoint
                + " is not known: it shows "
                + shown.getType()
                + " "
                + fingerprint(shown))
        .hint("Compare this fingerprint with the host's own: ssh-keygen -lf, on its console.")
        .hint("If they are the same: " + keyscan(endpoint));
  }

  private static Problem changed(HostKey shown, HostKey[] known, Endpoint endpoint) {
    String expected =
        Arrays.stream(known).map(HostKeys::fingerprint).collect(Collectors.joining(" or "));
    Path file = endpoint.knownHosts().getFirst();
    return Problem.unreachable(
            "host key of "
                + endpoint
                + " has changed: it shows "
                + shown.getType()
                + " "
                + fingerprint(shown)
                + ", known is "
                + expected)
        .hint("Somebody may stand between, or the host was set up anew: ask who did it.")
        .hint(
            "If it was set up anew: ssh-keygen -f "
                + Shell.quote(List.of(file.toString(), "-R", endpoint.knownAs()))
                + " && "
                + keyscan(endpoint));
  }

  private static String keyscan(Endpoint endpoint) {
    return endpoint.jump().map(jump -> "ssh " + jump + " ").orElse("")
        + "ssh-keyscan "
        + (endpoint.port() == 22 ? "" : "-p " + endpoint.port() + " ")
        + endpoint.host()
        + " >> "
        + Shell.quote(List.of(endpoint.knownHosts().getFirst().toString()));
  }

  /** The fingerprint as OpenSSH shows it. */
  static String fingerprint(HostKey key) {
    byte[] digest = Sha256.digest().digest(Base64.getDecoder().decode(key.getKey()));
    return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(digest);
  }
}
