package org.pgrunbook.diagnosis;

import java.time.Instant;
import java.util.List;
import org.pgrunbook.Changes;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.Removal;

/** The verbs on data that are damaged or gone, as runbooks use them on nodes. */
public final class DamageVerbs {
  private DamageVerbs() {}

  /** How often the server met a page whose checksum was wrong, by its own statistics. */
  public static DamagedPages getDamagedPages(Node node) {
    return DamagedPages.of(Server.of(node));
  }

  /**
   * The files of the relations that the server's log names because of a damaged page, relative to
   * its data directory; none if its log is not found on its host.
   */
  public static List<String> getFilesNamedInLog(Node node) {
    return DamagedPages.namedInLog(node);
  }

  /**
   * The files of one relation, or of all, relative to the data directory.
   *
   * @param relation with its schema; empty: all of the database
   * @throws Problem with exit 2 if there is no such relation
   */
  public static List<String> relationFiles(Node node, String database, String relation) {
    return DamagedPages.files(Server.of(node), database, relation);
  }

  /**
   * Reads every page of these relations from the host's disk, and computes its checksum. A page
   * that is wrong is read three times, for it may just be written.
   *
   * @param files as {@link #relationFiles} or {@link #getFilesNamedInLog} names them
   */
  public static DamagedPages readPages(Node node, List<String> files) {
    return DamagedPages.read(Server.of(node), files);
  }

  /**
   * Those of the pages that are damaged on this node too.
   *
   * @param found damaged pages of another node of the cluster
   */
  public static List<DamagedPages.Page> alsoDamaged(Node node, DamagedPages found) {
    return found.alsoOn(node);
  }

  /**
   * Builds an index of which a page is damaged anew from its table, without blocking writes. Takes
   * up to 12 hours.
   *
   * @throws Problem with exit 3 if it is a page of no index
   */
  @Changes
  public static void rebuild(Node node, DamagedPages.Page page) {
    DamagedPages.rebuild(node, page);
  }

  /**
   * What transactions have taken away, by the names that the tables have on this server now.
   *
   * @param removals as {@code repository.suspects} finds them
   */
  public static List<LostRows> lostRows(Node node, List<Removal> removals) {
    return LostRows.of(Server.of(node), removals);
  }

  /**
   * What was found out about rows or tables that are gone by mistake; its next command restores the
   * state just before onto the first spare.
   *
   * @param suspects the transactions that took much away
   * @param xid the one that is held to be it; null if only the time is known, or nothing
   * @param time the last good moment; null if the transaction is known, or nothing
   */
  public static Finding accident(
      Cluster cluster, List<LostRows> suspects, String xid, Instant time) {
    return LostRows.finding(cluster, suspects, xid, time);
  }
}
