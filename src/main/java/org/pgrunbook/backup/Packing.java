package org.pgrunbook.backup;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.pgrunbook.journal.Parallel;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.sql.Session;
import org.pgrunbook.store.Store;

/**
 * Packs the files of a server into archives: whole files, dealt to the processes, each archive an
 * object. What an interrupted backup has stored is taken over if it is proved to be what would be
 * sent now: the host packs the files once more, and only the sum of that travels (P15). Neither
 * size nor time of a file proves anything; they only tell for which archives the host need not try.
 */
final class Packing {
  private final BackupPlan plan;
  private final Attempt attempt;
  private final Store store;
  private final Load load;
  private final String pack;
  private final List<Part.Before> before;

  Packing(BackupPlan plan, Attempt attempt, Repository repository, Interrupted left, Load load) {
    this.plan = plan;
    this.attempt = attempt;
    this.store = repository.store();
    this.load = load;
    this.pack = plan.compression().pack(load.level());
    this.before = before(repository, Set.copyOf(left.backups()));
  }

  private List<Part.Before> before(Repository repository, Set<String> backups) {
    if (backups.isEmpty() || !plan.node().getSsh().has("sha256sum")) {
      return List.of();
    }
    return Leftover.list(repository).stream()
        .filter(it -> backups.contains(it.backup()) && it.object().size() <= Store.LARGEST_COPY)
        .flatMap(
            it ->
                it.read(repository, pack).stream()
                    .filter(archive -> !archive.hasFolders())
                    .map(archive -> new Part.Before(it.object().key(), archive)))
        .toList();
  }

  /**
   * Stores all files, and tells what each object holds.
   *
   * @param check what looks at them in passing; absent: nobody does
   * @throws Problem with exit 1 if what comes cannot be what was listed
   */
  List<Sending.Sent> pack(
      Session session, List<Manifest.Tablespace> tablespaces, Optional<ArchiveCheck> check) {
    List<Part> parts = parts(session, tablespaces);
    LongConsumer through =
        plan.node()
            .run()
            .journal()
            .progressOf(parts.stream().mapToLong(part -> part.chunk().bytes()).sum());
    Sending sending = new Sending(plan, attempt, store, load, pack, check);
    List<Sending.Sent> sent =
        Parallel.untilFailure(
            parts,
            load.processes(),
            part -> {
              plan.requireStillStandby();
              Sending.Sent stored = sending.store(part);
              through.accept(part.chunk().bytes());
              return stored;
            });
    if (!before.isEmpty()) {
      plan.node()
          .run()
          .journal()
          .note(
              "%d of %d archives (%s) were there already, proved by their sums; the others were sent"
                  .formatted(sending.takenOver(), parts.size(), sending.spared()));
    }
    return sent;
  }

  private List<Part> parts(Session session, List<Manifest.Tablespace> tablespaces) {
    List<Part> result =
        new ArrayList<>(parts("data/", plan.data(), "", Listing.of(plan.node(), plan.data())));
    // Others may use the same location: only the folder of our own version is ours.
    String own =
        session.value(
            String.class,
            """
            select format('PG_%s_%s', current_setting('server_version_num')::int / 10000,
                          catalog_version_no)
              from pg_control_system()\
            """);
    for (Manifest.Tablespace tablespace : tablespaces) {
      List<Manifest.File> files =
          Listing.of(plan.node(), tablespace.location()).stream()
              .filter(file -> file.path().equals(own) || file.path().startsWith(own + "/"))
              .toList();
      String prefix = "tablespaces/" + tablespace.oid() + "/";
      result.addAll(parts(prefix, tablespace.location(), tablespace.oid(), files));
    }
    return result;
  }

  /** First the directories, then what may be there already, then the rest as it is dealt. */
  private List<Part> parts(
      String prefix, String folder, String tablespace, List<Manifest.File> listing) {
    List<Manifest.File> files = Exclusions.apply(listing);
    files.stream().filter(file -> file.kind().equals("l")).forEach(this::warnOfLink);
    Map<String, Manifest.File> left =
        files.stream().collect(Collectors.toMap(Manifest.File::path, Function.identity()));
    List<Part.Before> same =
        before.stream()
            .filter(it -> it.archive().tablespace().equals(tablespace))
            .filter(it -> claims(it.archive().files(), left))
            .toList();
    List<Chunk> dealt =
        Chunk.deal(
            tablespace,
            files.stream().filter(file -> left.containsKey(file.path())).toList(),
            load.processes());
    List<Part> result = new ArrayList<>();
    result.add(part(prefix, folder, dealt.getFirst(), 1, Optional.empty()));
    for (Part.Before it : same) {
      Chunk chunk = new Chunk(tablespace, it.archive().files());
      result.add(part(prefix, folder, chunk, result.size() + 1, Optional.of(it)));
    }
    for (Chunk chunk : dealt.subList(1, dealt.size())) {
      result.add(part(prefix, folder, chunk, result.size() + 1, Optional.empty()));
    }
    return result;
  }

  /** Takes these files out of those that are left, if all of them look as they did. */
  private static boolean claims(List<Manifest.File> files, Map<String, Manifest.File> left) {
    boolean same =
        new HashSet<>(files).size() == files.size()
            && files.stream().allMatch(file -> file.equals(left.get(file.path())));
    if (same) {
      files.forEach(file -> left.remove(file.path()));
    }
    return same;
  }

  private Part part(
      String prefix, String folder, Chunk chunk, int number, Optional<Part.Before> stored) {
    String key = "%s%04d.tar%s".formatted(prefix, number, plan.compression().suffix());
    return new Part(folder, chunk, key, stored);
  }

  /** PostgreSQL makes links for tablespaces and for pg_wal only, which are taken care of (P12). */
  private void warnOfLink(Manifest.File link) {
    Node node = plan.node();
    node.run()
        .journal()
        .warn(
            "\"%s\" of %s is a link: the link is in the backup, but not what it leads to"
                .formatted(link.path(), node));
  }
}
