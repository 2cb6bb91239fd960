package org.pgrunbook.sandbox;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.keyprovider.KeyPairProvider;

/** The sandbox's SSH keys, in the files that any SSH client reads. */
final class SshKeys {
  private SshKeys() {}

  static KeyPair generate() throws GeneralSecurityException {
    return KeyUtils.generateKeyPair(KeyPairProvider.SSH_ED25519, 256);
  }

  /** Writes the user's private key and the known hosts. */
  static void write(SandboxFolder folder, KeyPair user, Map<Host, KeyPair> hosts)
      throws IOException, GeneralSecurityException {
    var key = new ByteArrayOutputStream();
    OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(user, "pgrunbook sandbox", null, key);
    // ssh refuses a key that others could read.
    Path identity =
        Files.createFile(
            folder.identity(),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(identity, key.toByteArray());
    Files.writeString(
        folder.knownHosts(),
        hosts.entrySet().stream()
            .map(
                host ->
                    "[127.0.0.1]:%d %s%n"
                        .formatted(
                            host.getKey().sshPort(),
                            PublicKeyEntry.toString(host.getValue().getPublic())))
            .collect(Collectors.joining()));
  }
}
