package org.pgrunbook.inventory;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One cluster as the inventory declares it.
 *
 * @param name the cluster's name
 * @param nodes its nodes by name, in the order of the file
 * @param repository where its backups and WAL live
 * @param poolers its PgBouncers
 * @param spool folder on the hosts where the archive_command leaves WAL
 * @param protection who is never killed
 * @param thresholds figures that replace a runbook's own, by their names
 * @param place {@code file:line:column} of its name
 */
public record ClusterSpec(
    String name,
    Map<String, NodeSpec> nodes,
    Optional<RepositorySpec> repository,
    List<Pooler> poolers,
    Optional<String> spool,
    Protection protection,
    Map<String, String> thresholds,
    String place) {

  /** A PgBouncer and its admin console. */
  public record Pooler(String host, int port, String user, Optional<SecretReference> password) {}

  /** Users and applications whose sessions are never ended. */
  public record Protection(List<String> users, List<String> applications) {}
}
