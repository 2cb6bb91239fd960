package org.pgrunbook.backup;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongConsumer;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.ssh.Command;

/**
 * Makes existing files those of a backup: what is not in it is removed, what differs is replaced,
 * and what is the same to the byte is left alone. That a file is the same is proved by its SHA-256;
 * its time says nothing, for a clock that was put right, a copy or a restore of its own may have
 * left any (P14).
 */
final class DeltaRestore {
  private static final String REMOVE = "cd -- \"$1\" && xargs -0 -r rm -rf --";

  private static final String SUMS = "cd -- \"$1\" && xargs -0 -r sha256sum -z --";

  private final Node node;
  private final Restore restore;
  private final Manifest backup;

  DeltaRestore(Node node, RestorePlan plan, Repository repository) {
    this.node = node;
    this.restore = new Restore(node, plan, repository);
    // The plan does not know the files.
    this.backup = repository.backup(plan.backup().id());
  }

  /** Replaces and removes; no server can start from there until the end of the restore. */
  Delta perform(int processes) {
    restore.begin();
    Map<String, Map<String, Manifest.File>> there = new HashMap<>();
    int removed = 0;
    Set<String> tablespaces = new HashSet<>(Set.of(""));
    backup.tablespaces().forEach(space -> tablespaces.add(space.oid()));
    for (String tablespace : tablespaces) {
      Map<String, Manifest.File> wanted = wanted(tablespace);
      Map<String, Manifest.File> found = found(tablespace, wanted);
      List<String> extra =
          found.values().stream()
              .filter(file -> isExtra(file, wanted.get(file.path())))
              .map(Manifest.File::path)
              .toList();
      remove(tablespace, extra);
      removed += extra.size();
      there.put(tablespace, found);
    }
    LongConsumer through =
        node.run()
            .journal()
            .progressOf(backup.objects().stream().mapToLong(Manifest.Archive::size).sum());
    backup.objects().stream().filter(Manifest.Archive::hasFolders).forEach(restore::unpack);
    Delta delta =
        Parallel.untilFailure(
                backup.objects().stream().filter(archive -> !archive.hasFolders()).toList(),
                processes,
                archive -> {
                  Delta part = perform(archive, there.get(archive.tablespace()));
                  through.accept(archive.size());
                  return part;
                })
            .stream()
            .reduce(new Delta(0, 0, 0, removed), Delta::plus);
    restore.complete();
    return delta;
  }

  private Map<String, Manifest.File> wanted(String tablespace) {
    Map<String, Manifest.File> wanted = new HashMap<>();
    backup.objects().stream()
        .filter(archive -> archive.tablespace().equals(tablespace))
        .flatMap(archive -> archive.files().stream())
        .forEach(file -> wanted.put(file.path(), file));
    return wanted;
  }

  /** Of a tablespace's location only the folder of this version is ours (P12). */
  private Map<String, Manifest.File> found(String tablespace, Map<String, Manifest.File> wanted) {
    Set<String> own = new HashSet<>();
    wanted.keySet().forEach(path -> own.add(top(path)));
    Map<String, Manifest.File> found = new HashMap<>();
    Listing.of(node, restore.folder(tablespace)).stream()
        .filter(file -> tablespace.isEmpty() || own.contains(top(file.path())))
        .filter(file -> !file.path().equals(Restore.MARK))
        .forEach(file -> found.put(file.path(), file));
    return found;
  }

  private static String top(String path) {
    return path.replaceFirst("/.*", "");
  }

  private static boolean isExtra(Manifest.File found, Manifest.File wanted) {
    return wanted == null || !wanted.kind().equals(found.kind());
  }

  private void remove(String tablespace, Collection<String> paths) {
    if (!paths.isEmpty()) {
      node.getSsh()
          .run(Command.changeScript(REMOVE, restore.folder(tablespace)).stdin(names(paths)));
    }
  }

  private Delta perform(Manifest.Archive archive, Map<String, Manifest.File> there) {
    return node.run()
        .means()
        .outcome(
            "what differs from \"" + archive.key() + "\" is replaced",
            new Delta(archive.files().size(), 0, 0, 0),
            () -> replace(archive, there));
  }

  private Delta replace(Manifest.Archive archive, Map<String, Manifest.File> there) {
    Map<String, String> wanted =
        restore.read(archive, in -> ArchiveSums.of(backup.compression(), in));
    Map<String, String> found = sums(archive, there);
    List<String> vanished =
        archive.files().stream()
            .map(Manifest.File::path)
            .filter(path -> there.containsKey(path) && !wanted.containsKey(path))
            .toList();
    remove(archive.tablespace(), vanished);
    List<String> differing =
        wanted.keySet().stream()
            .filter(path -> !Objects.equals(wanted.get(path), found.get(path)))
            .toList();
    if (!differing.isEmpty()) {
      unpack(archive, differing);
    }
    int same = wanted.size() - differing.size();
    return new Delta(wanted.size(), same, differing.size(), vanished.size());
  }

  /** Of those files on the host that have the size which the manifest lists. */
  private Map<String, String> sums(Manifest.Archive archive, Map<String, Manifest.File> there) {
    List<String> candidates =
        archive.files().stream()
            .filter(file -> isCandidate(file, there.get(file.path())))
            .map(Manifest.File::path)
            .toList();
    Map<String, String> sums = new HashMap<>();
    if (!candidates.isEmpty()) {
      Command look =
          Command.probeScript(SUMS, restore.folder(archive.tablespace()))
              .stdin(names(candidates))
              .idle(Duration.ofDays(1));
      node.getSsh().stream(look, List.<String>of(), remote -> Listing.entries(remote.stdout()))
          .forEach(line -> sums.put(line.substring(66), line.substring(0, 64)));
    }
    return sums;
  }

  private static boolean isCandidate(Manifest.File wanted, Manifest.File found) {
    return found != null && found.kind().equals("f") && found.size() == wanted.size();
  }

  /** The names travel ahead: the archive takes the command's stdin. */
  private void unpack(Manifest.Archive archive, List<String> paths) {
    String list = restore.folder("") + "/" + Restore.MARK + "." + archive.key().replace('/', '.');
    node.getSsh().write(list, names(paths));
    restore.unpack(archive, "--null", "--verbatim-files-from", "--files-from=" + list);
    node.getSsh().run("rm", "--", list);
  }

  private static byte[] names(Collection<String> paths) {
    ByteArrayOutputStream names = new ByteArrayOutputStream();
    for (String path : paths) {
      // Also of one that begins with a dash.
      names.writeBytes(path.getBytes(StandardCharsets.UTF_8));
      names.write(0);
    }
    return names.toByteArray();
  }
}
