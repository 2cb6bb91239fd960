package org.pgrunbook.store;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.pgrunbook.Problem;

/** Which keys an object may have: those that mean the same in a bucket and in a directory. */
final class Keys {
  /** S3's limit is 1,024 with the prefix; a path's on Linux is 4,096, a name's 255. */
  private static final int LONGEST = 900;

  private static final Set<String> NO_NAMES = Set.of("", ".", "..");

  private Keys() {}

  /** The key, unless it would leave the repository or name no object. */
  static String checked(String key) {
    boolean wrong =
        key.chars().anyMatch(Character::isISOControl)
            || key.getBytes(StandardCharsets.UTF_8).length > LONGEST;
    for (String name : key.split("/", -1)) {
      wrong |= NO_NAMES.contains(name) || name.startsWith(Folder.DRAFT);
    }
    if (wrong) {
      throw Problem.refused("\"" + key + "\" is no key of an object")
          .hint("Use names with single slashes between them, and neither . nor .. among them.");
    }
    return key;
  }
}
