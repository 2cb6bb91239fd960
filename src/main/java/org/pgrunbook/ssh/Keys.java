package org.pgrunbook.ssh;

import com.jcraft.jsch.AgentIdentityRepository;
import com.jcraft.jsch.AgentProxyException;
import com.jcraft.jsch.Identity;
import com.jcraft.jsch.IdentityRepository;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.SSHAgentConnector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Vector;
import java.util.stream.Stream;
import org.pgrunbook.Problem;

/**
 * The keys to log in with: of the agent, then from files. A file that was named is the only key to
 * try, so that a full agent does not use up the attempts that a server grants.
 *
 * <p>JSch's own mixture of agent and files would add every file's key to the agent.
 */
final class Keys implements IdentityRepository {
  private final List<Identity> usable = new ArrayList<>();
  private final List<String> encrypted = new ArrayList<>();

  Keys(Endpoint endpoint, Home home) {
    List<Identity> held = ofAgent(home);
    List<Path> named = endpoint.identities();
    if (named.isEmpty()) {
      usable.addAll(held);
    }
    List<Path> files =
        named.isEmpty()
            ? Stream.of("id_ed25519", "id_ecdsa", "id_rsa").map(home::ssh).toList()
            : named;
    for (Path file : files) {
      if (Files.exists(file)) {
        add(file, held);
      } else if (!named.isEmpty()) {
        throw Problem.unreachable("private key \"" + file + "\" does not exist");
      }
    }
  }

  private void add(Path file, List<Identity> held) {
    Identity key = read(file);
    List<Identity> same =
        held.stream()
            .filter(other -> Arrays.equals(other.getPublicKeyBlob(), key.getPublicKeyBlob()))
            .filter(other -> !usable.contains(other))
            .toList();
    usable.addAll(same);
    if (!key.isEncrypted()) {
      usable.add(key);
    } else if (same.isEmpty()) {
      encrypted.add(file.toString());
    }
  }

  private static Identity read(Path file) {
    try {
      JSch one = new JSch();
      one.addIdentity(file.toString());
      return one.getIdentityRepository().getIdentities().getFirst();
    } catch (JSchException e) {
      throw Problem.unreachable("private key \"" + file + "\" cannot be read: " + e.getMessage())
          .because(e);
    }
  }

  private static List<Identity> ofAgent(Home home) {
    if (home.agent().isEmpty()) {
      return List.of();
    }
    try {
      return new AgentIdentityRepository(new SSHAgentConnector(home.agent().get())).getIdentities();
    } catch (AgentProxyException e) {
      // As with OpenSSH, an agent that is gone is no reason not to try the files.
      return List.of();
    }
  }

  /** Adds to a refused login what was tried. */
  Problem explain(Problem refused) {
    List<String> names = usable.stream().map(Identity::getName).toList();
    refused.hint(
        names.isEmpty()
            ? "No key was found to try: neither in an agent nor in ~/.ssh."
            : "Tried were the keys: " + String.join(", ", names) + ".");
    for (String file : encrypted) {
      refused.hint(
          "The key \"" + file + "\" is encrypted and no agent holds it: ssh-add " + file + ".");
    }
    return refused;
  }

  @Override
  @SuppressWarnings("JdkObsolete") // JSch's interface wants a Vector.
  public Vector<Identity> getIdentities() {
    return new Vector<>(usable);
  }

  @Override
  public String getName() {
    return "agent and files";
  }

  @Override
  public int getStatus() {
    return RUNNING;
  }

  @Override
  public boolean add(byte[] identity) {
    return false;
  }

  @Override
  public boolean remove(byte[] blob) {
    return false;
  }

  @Override
  public void removeAll() {}
}
