package org.pgrunbook.inventory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.pgrunbook.Changes;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.NodeSpec.Role;

/**
 * The words to change in the inventory so that it declares the roles that a failover or switchover
 * has left. Everything else, comments and layout, stays byte for byte.
 *
 * @param inventory what was read
 * @param changes in the order of the files; empty if the inventory says so already
 */
public record InventoryEdit(Inventory inventory, List<Change> changes) {

  /**
   * One role, where it is written, what stands there and what should.
   *
   * @param node its name
   * @param position where the role is written
   * @param from what stands there
   * @param to what should
   */
  public record Change(String node, Position position, Role from, Role to) {

    /** {@code inventory/main.yml:12: role: standby -> role: primary}. */
    @Override
    public String toString() {
      return position.fileAndLine() + ": role: " + word(from) + " -> role: " + word(to);
    }
  }

  public InventoryEdit {
    changes = List.copyOf(changes);
  }

  /**
   * The edit that makes the inventory declare these roles.
   *
   * @param cluster the cluster as the inventory declares it
   * @param roles the new roles by the nodes' names; nodes that are left out keep theirs
   */
  public static InventoryEdit roles(
      Inventory inventory, ClusterSpec cluster, Map<String, Role> roles) {
    List<Change> changes = new ArrayList<>();
    roles.forEach(
        (name, role) -> {
          NodeSpec node = cluster.node(name);
          if (node.role() != role) {
            changes.add(new Change(node.fullName(), origin(inventory, node), node.role(), role));
          }
        });
    changes.sort(Comparator.comparing(Change::position));
    return new InventoryEdit(inventory, changes);
  }

  /** One line for each role to change; empty if there is none. */
  public String text() {
    return changes.stream().map(Change::toString).collect(Collectors.joining("\n"));
  }

  /**
   * Writes the edit into the files, each replaced at once.
   *
   * @throws Problem with exit 3 if the files are no longer as they were read, or if a role is
   *     written in a way that only a person should edit; then nothing was changed
   */
  @Changes
  public void apply() {
    List<YamlFile> files = inventory.files().stream().map(YamlFile::load).toList();
    if (!InventoryReader.digest(files).equals(inventory.digest())) {
      throw byHand(Problem.refused("the inventory was changed since it was read"));
    }
    Map<Path, StringBuilder> edited = new TreeMap<>();
    // From the last to the first, so that the offsets before stay true.
    for (Change change : changes.reversed()) {
      StringBuilder text =
          edited.computeIfAbsent(change.position().file(), path -> text(files, path));
      int start = start(text, change);
      text.replace(start, start + word(change.from()).length(), word(change.to()));
    }
    edited.forEach(InventoryEdit::replace);
  }

  private int start(StringBuilder text, Change change) {
    boolean shared =
        inventory.settings().stream()
                .flatMap(setting -> setting.origin().stream())
                .filter(change.position()::equals)
                .count()
            > 1;
    int start = text.offsetByCodePoints(0, change.position().offset());
    if (text.charAt(start) == '"' || text.charAt(start) == '\'') {
      start++;
    }
    if (shared || !text.substring(start).startsWith(word(change.from()))) {
      throw byHand(
          Problem.refused("the role of \"" + change.node() + "\" is written with an anchor")
              .at(change.position().toString()));
    }
    return start;
  }

  private Problem byHand(Problem problem) {
    changes.forEach(change -> problem.hint("Edit by hand " + change + "."));
    return problem.state("the inventory is as it was");
  }

  private static Position origin(Inventory inventory, NodeSpec node) {
    String path = "clusters." + node.cluster() + ".nodes." + node.name() + ".role";
    return inventory
        .origin(path)
        .orElseThrow(() -> new IllegalStateException("nothing was read at " + path));
  }

  private static StringBuilder text(List<YamlFile> files, Path path) {
    YamlFile file = files.stream().filter(f -> f.path().equals(path)).findFirst().orElseThrow();
    return new StringBuilder(file.text());
  }

  /** Through a copy beside it, which keeps owner and mode, so that no reader sees half a file. */
  private static void replace(Path path, StringBuilder text) {
    try {
      Path file = path.toRealPath();
      Path copy = file.resolveSibling(file.getFileName() + ".new");
      Files.copy(
          file, copy, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
      Files.writeString(copy, text);
      Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw Problem.failed("cannot write the inventory file \"" + path + "\"").because(e);
    }
  }

  private static String word(Role role) {
    return role.name().toLowerCase(Locale.ROOT);
  }
}
