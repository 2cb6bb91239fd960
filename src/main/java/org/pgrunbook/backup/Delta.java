package org.pgrunbook.backup;

/**
 * What a restore onto existing files has done.
 *
 * @param files how many files there are in the backup
 * @param same how many of them were there, the same to the byte, and were left alone
 * @param written how many were written
 * @param removed how many files, directories and links were there that are not in the backup
 */
public record Delta(int files, int same, int written, int removed) {

  Delta plus(Delta other) {
    return new Delta(
        files + other.files, same + other.same, written + other.written, removed + other.removed);
  }
}
