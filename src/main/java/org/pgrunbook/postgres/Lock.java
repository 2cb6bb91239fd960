package org.pgrunbook.postgres;

/**
 * What a run reserves so that no other run gets in its way.
 *
 * @param cluster the cluster's name
 * @param purpose {@code wal} (one archiver), {@code backup} (backup and expire) or {@code roles}
 *     (failover, switchover, rejoin, restore onto a member)
 */
public record Lock(String cluster, String purpose) {
  @Override
  public String toString() {
    return cluster + "." + purpose;
  }
}
