package org.pgrunbook.journal;

/**
 * Through which a running operation tells how far it is and what it found. Safe for use by several
 * threads.
 */
public interface Meter {
  /** Says how many bytes are expected in all, for the progress bar. */
  void expect(long bytes);

  /** Says that so many more bytes have passed. */
  void moved(long bytes);

  /** Tells a line that the operation has written, as it comes. */
  void wrote(Event.Wrote.Stream stream, String line);

  /** Keeps a figure of the outcome for the journal, such as {@code rows} or {@code exit}. */
  void result(String name, Object value);
}
