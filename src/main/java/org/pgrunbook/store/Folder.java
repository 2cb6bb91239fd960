package org.pgrunbook.store;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.pgrunbook.Problem;

/**
 * A directory, each object a file. A file is written under another name, fsynced and renamed, so
 * that whoever lists or reads sees whole objects only, also after a power failure.
 *
 * <p>The directory itself is never created: where it is missing, a mount is probably missing.
 */
final class Folder implements Backend {
  /** How the name of an unfinished file begins; a crash may leave one, and it is never listed. */
  static final String DRAFT = ".pgrunbook-";

  private static final FileAttribute<?> OWNER_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<?> OWNER_FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Path root;

  Folder(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  @Override
  public boolean put(String key, InputStream content, boolean replace) throws IOException {
    Path target = root.resolve(key);
    Path draft = target.resolveSibling(DRAFT + UUID.randomUUID());
    try (FileChannel file = create(draft)) {
      content.transferTo(Channels.newOutputStream(file));
      file.force(true);
      if (replace) {
        Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
      } else {
        // link() fails if the name exists, also when another process made it just now; rename()
        // would replace it.
        Files.createLink(target, draft);
      }
      sync(target.getParent());
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  /** Another name of the same file: an object is replaced as a whole, never written into. */
  @Override
  public void copy(String from, String to) throws IOException {
    Path source = root.resolve(from);
    Path target = root.resolve(to);
    Path draft = target.resolveSibling(DRAFT + UUID.randomUUID());
    if (!Files.isRegularFile(source)) {
      probe();
      throw Backend.missing(from);
    }
    try {
      makeFolder(target.getParent());
      Files.createLink(draft, source);
      Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
      sync(target.getParent());
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  private FileChannel create(Path draft) throws IOException {
    while (true) {
      makeFolder(draft.getParent());
      try {
        return FileChannel.open(draft, Set.of(CREATE_NEW, WRITE), OWNER_FILE);
      } catch (NoSuchFileException e) {
        // A delete found the folder empty and removed it between the two.
        probe();
      }
    }
  }

  private void makeFolder(Path folder) throws IOException {
    if (folder.equals(root)) {
      probe();
    } else if (!Files.isDirectory(folder)) {
      makeFolder(folder.getParent());
      try {
        Files.createDirectory(folder, OWNER_FOLDER);
        sync(folder.getParent());
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(folder)) {
          throw new FileSystemException(folder.toString(), null, "is no directory");
        }
      } catch (NoSuchFileException e) {
        makeFolder(folder);
      }
    }
  }

  /** A new name is durable only when its folder is. */
  private static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, READ)) {
      channel.force(true);
    }
  }

  @Override
  public Optional<SharedObject.Content> read(String key) throws IOException {
    return new Generations(root.resolve(key)).read(this::probe);
  }

  @Override
  public boolean swap(String key, String text, Optional<String> mark) throws IOException {
    Path object = root.resolve(key);
    Path draft = object.resolveSibling(DRAFT + UUID.randomUUID());
    try (FileChannel file = create(draft)) {
      file.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
      file.force(true);
      boolean swapped = new Generations(object).add(draft, mark);
      sync(object.getParent());
      return swapped;
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  @Override
  public Content open(String key) throws IOException {
    Path file = root.resolve(key);
    if (!Files.isRegularFile(file)) {
      probe();
      throw Backend.missing(key);
    }
    FileChannel channel = FileChannel.open(file, READ);
    return new Content(Channels.newInputStream(channel), channel.size());
  }

  @Override
  public Optional<Store.Listed> find(String key) throws IOException {
    try {
      Path file = root.resolve(key);
      return Optional.of(Files.readAttributes(file, BasicFileAttributes.class))
          .filter(BasicFileAttributes::isRegularFile)
          .map(attributes -> FolderListing.listed(key, attributes));
    } catch (NoSuchFileException e) {
      probe();
      return Optional.empty();
    }
  }

  @Override
  public Page page(String prefix, Optional<String> from) throws IOException {
    probe();
    return new Page(FolderListing.of(root, prefix), Optional.empty());
  }

  @Override
  public List<String> delete(List<String> keys) throws IOException {
    probe();
    List<String> left = new ArrayList<>();
    Path touched = root;
    for (String key : keys) {
      Path file = root.resolve(key);
      if (!file.getParent().equals(touched)) {
        // What comes first in the list is to be gone for certain before the rest is (P23).
        settle(touched);
        touched = file.getParent();
      }
      try {
        if (!Files.isDirectory(file)) {
          Files.deleteIfExists(file);
        }
      } catch (FileSystemException e) {
        left.add("\"%s\": %s".formatted(key, reason(e)));
      }
    }
    settle(touched);
    return left;
  }

  /** Makes deletions durable, and removes folders that have become empty: S3 has none. */
  private void settle(Path folder) throws IOException {
    try {
      while (!folder.equals(root)) {
        Files.delete(folder);
        folder = folder.getParent();
      }
    } catch (DirectoryNotEmptyException | NoSuchFileException e) {
      // In use, or another was faster.
    }
    if (Files.isDirectory(folder)) {
      sync(folder);
    }
  }

  @Override
  public void probe() {
    if (!Files.isDirectory(root)) {
      throw Problem.unreachable("directory \"" + root + "\" does not exist")
          .hint("Mount or create it, or correct directory: of the repository in the inventory.");
    }
    if (!Files.isReadable(root) || !Files.isWritable(root)) {
      throw Problem.unreachable("directory \"" + root + "\" cannot be read and written")
          .hint("Let its owner be the user who runs pgrunbook.");
    }
  }

  @Override
  public Problem explain(Exception failure) {
    return switch (failure) {
      case ClosedByInterruptException e ->
          Problem.interrupted("interrupted while working in directory \"" + root + "\"").because(e);
      case FileSystemException e ->
          Problem.failed("\"" + e.getFile() + "\": " + reason(e)).because(e);
      default ->
          Problem.failed("directory \"" + root + "\": " + failure.getMessage()).because(failure);
    };
  }

  private static String reason(FileSystemException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    return e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
  }

  @Override
  public void close() {}
}
