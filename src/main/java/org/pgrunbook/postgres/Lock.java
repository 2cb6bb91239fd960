package org.pgrunbook.postgres;

/**
 * What a run reserves so that no other run gets in its way.
 *
 * @param cluster the cluster's name
 * @param purpose {@code wal} (one archiver), {@code backup} (backup and expire) or {@code roles}
 *     (failover, switchover, rejoin, restore onto a member)
 */
public record Lock(String cluster, String purpose) {
  /**
   * Whether another machine takes it over by itself once its holder is dead. Whoever ships WAL or
   * takes backups begins anew; one who was changing roles has left the cluster half-way, and a
   * person has to look at it first.
   */
  public boolean mayBeTakenOver() {
    return !purpose.equals("roles");
  }

  @Override
  public String toString() {
    return cluster + "." + purpose;
  }
}
