package org.pgrunbook.journal;

/**
 * Hears every event of a run, one at a time and in order: the console, the journal file, a
 * notifier.
 */
@FunctionalInterface
public interface Listener {
  void heard(Entry entry);
}
