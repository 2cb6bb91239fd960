package org.pgrunbook.backup;

/**
 * Something in the repository that is not as it should be.
 *
 * @param object the object's key
 * @param what what is wrong with it, as a clause that follows its name
 */
public record Damage(String object, String what) {
  @Override
  public String toString() {
    return object + " " + what;
  }
}
