package org.pgrunbook.inventory;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgrunbook.Nearest;
import org.pgrunbook.Problem;

/**
 * One cluster as the inventory declares it.
 *
 * @param name the cluster's name
 * @param nodes its nodes by name, in the order of the file
 * @param repository where its backups and WAL live
 * @param poolers its PgBouncers
 * @param hooks commands that failover and switchover call
 * @param spool folder on the hosts where the archive_command leaves WAL; a relative path starts at
 *     the home of the SSH user
 * @param protection who is never killed
 * @param thresholds figures that replace a runbook's own, by their names
 * @param place {@code file:line:column} of its name
 */
public record ClusterSpec(
    String name,
    Map<String, NodeSpec> nodes,
    Optional<RepositorySpec> repository,
    List<Pooler> poolers,
    Hooks hooks,
    Optional<String> spool,
    Protection protection,
    Map<String, String> thresholds,
    String place) {

  public ClusterSpec {
    nodes = Collections.unmodifiableMap(new LinkedHashMap<>(nodes));
    poolers = List.copyOf(poolers);
    thresholds = Collections.unmodifiableMap(new LinkedHashMap<>(thresholds));
  }

  /**
   * The node of that name.
   *
   * @throws Problem with exit 2 if there is none
   */
  public NodeSpec node(String wanted) {
    NodeSpec node = nodes.get(wanted);
    if (node == null) {
      throw Problem.usage("node \"" + wanted + "\" is not in cluster \"" + name + "\"")
          .hint(Nearest.hint(wanted, nodes.keySet()))
          .at(place);
    }
    return node;
  }

  /**
   * A PgBouncer.
   *
   * @param host name or address, where it listens
   * @param port 6432 unless given
   * @param user who may use its admin console, {@code pgbouncer} unless given
   * @param password of that user; absent: {@code ~/.pgpass} or none
   * @param config the file on its host that has the {@code [databases]}
   * @param ssh how its host is reached
   */
  public record Pooler(
      String host,
      int port,
      String user,
      Optional<SecretReference> password,
      String config,
      SshSettings ssh) {}

  /**
   * Commands of the user's own.
   *
   * @param fence cuts off a node whose host does not do it: by its power, or by the network
   * @param promoted tells others of a new primary: a name service, the owner of an address
   */
  public record Hooks(Optional<Hook> fence, Optional<Hook> promoted) {
    /** A cluster without hooks. */
    public static final Hooks NONE = new Hooks(Optional.empty(), Optional.empty());
  }

  /**
   * A command that is called when something has happened. It may be called again for the same, when
   * a run goes on that was ended.
   *
   * @param command one line for a shell
   * @param limit how long it may take, 1 min unless given
   * @param host name or address of the host that it runs on; absent: the machine that pgrunbook
   *     runs on
   * @param ssh how that host is reached
   */
  public record Hook(String command, Duration limit, Optional<String> host, SshSettings ssh) {}

  /**
   * Users and applications whose sessions are never ended.
   *
   * @param users roles
   * @param applications values of application_name
   */
  public record Protection(List<String> users, List<String> applications) {
    public Protection {
      users = List.copyOf(users);
      applications = List.copyOf(applications);
    }
  }
}
