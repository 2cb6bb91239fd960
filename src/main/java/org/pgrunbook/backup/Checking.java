package org.pgrunbook.backup;

/** When the files and pages of a backup are looked at. */
public enum Checking {
  /**
   * Not while it is taken: by {@code backup/verify}, which reads what is stored, and by rehearsals.
   */
  VERIFY,
  /**
   * While it is taken: what is on its way to the store is unpacked in passing, each file gets a
   * CRC-32C in the manifest, and each page's checksum is computed if the cluster has any.
   */
  INLINE
}
