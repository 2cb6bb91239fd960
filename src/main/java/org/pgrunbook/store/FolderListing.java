package org.pgrunbook.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Finds the files of a directory whose keys begin with a prefix; enters no folder in vain. */
final class FolderListing extends SimpleFileVisitor<Path> {
  private final Path root;
  private final String prefix;
  private final List<Store.Listed> found = new ArrayList<>();

  private FolderListing(Path root, String prefix) {
    this.root = root;
    this.prefix = prefix;
  }

  /** The objects in the order of their keys' bytes, which is that of S3. */
  static List<Store.Listed> of(Path root, String prefix) throws IOException {
    FolderListing listing = new FolderListing(root, prefix);
    Files.walkFileTree(root, listing);
    listing.found.sort((a, b) -> Arrays.compareUnsigned(utf8(a.key()), utf8(b.key())));
    return listing.found;
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
    String key = folder.equals(root) ? "" : key(folder) + "/";
    boolean onTheWay = key.startsWith(prefix) || prefix.startsWith(key);
    return onTheWay ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
    String key = key(file);
    boolean draft = file.getFileName().toString().startsWith(Folder.DRAFT);
    if (attributes.isRegularFile() && !draft && key.startsWith(prefix)) {
      found.add(listed(key, attributes));
    }
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
    if (e instanceof NoSuchFileException) {
      return FileVisitResult.CONTINUE; // deleted meanwhile
    }
    throw e;
  }

  private String key(Path path) {
    return root.relativize(path).toString();
  }

  static Store.Listed listed(String key, BasicFileAttributes attributes) {
    return new Store.Listed(key, attributes.size(), attributes.lastModifiedTime().toInstant());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
