package org.pgrunbook.journal;

/** A live thing that the journal knows by its name: a node, a cluster. */
public interface Named {
  /** The name by which it is found again, {@code orders/pg1}. */
  String fullName();
}
