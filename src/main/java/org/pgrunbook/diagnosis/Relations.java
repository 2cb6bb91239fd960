package org.pgrunbook.diagnosis;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.pgrunbook.postgres.RelationFile;
import org.pgrunbook.sql.Row;

/** Whose files those are that the WAL, a log or a path names by numbers. */
final class Relations {
  /**
   * A relation.
   *
   * @param database its database; its OID if that is gone
   * @param name with its schema, quoted as SQL wants it; null if no relation has that file now
   * @param kind as pg_class.relkind has it; empty if no relation has that file now
   */
  record Relation(String database, String name, String kind) {
    boolean isIndex() {
      return kind.equals("i");
    }

    /** {@code public.orders of database shop}. */
    String inWords(RelationFile file) {
      return name == null
          ? "file %d of database %s, which no relation has any more"
              .formatted(file.relation(), database)
          : name + " of database " + database;
    }
  }

  private final Map<RelationFile, Relation> found = new HashMap<>();

  /** Asks once a database. */
  static Relations of(Server server, Collection<RelationFile> files) {
    Relations relations = new Relations();
    Map<Long, Row> databases =
        server.rows(Question.DATABASE_NAMES).stream()
            .collect(Collectors.toMap(row -> row.number("oid"), row -> row));
    Map<Long, List<RelationFile>> byDatabase =
        files.stream().distinct().collect(Collectors.groupingBy(RelationFile::database));
    byDatabase.forEach((oid, all) -> relations.look(server, oid, databases.get(oid), all));
    return relations;
  }

  private void look(Server server, long oid, Row database, List<RelationFile> files) {
    // What all databases share is seen from each.
    String name =
        oid == 0
            ? server.node().spec().sql().database()
            : database == null ? String.valueOf(oid) : database.text("name");
    Map<Long, Row> rows = new HashMap<>();
    if (oid == 0 || (database != null && database.bool("connectable"))) {
      String numbers =
          files.stream()
              .map(file -> String.valueOf(file.relation()))
              .distinct()
              .collect(Collectors.joining(",", "{", "}"));
      server
          .node()
          .getSql()
          .database(name)
          .rows(Question.RELATIONS_OF_FILES.text(server.major()), numbers)
          .forEach(row -> rows.put(row.number("file"), row));
    }
    for (RelationFile file : files) {
      Row row = rows.get(file.relation());
      found.put(
          file,
          row == null
              ? new Relation(name, null, "")
              : new Relation(name, row.text("name"), row.text("kind")));
    }
  }

  Relation of(RelationFile file) {
    return found.get(file);
  }
}
