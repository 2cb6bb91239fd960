package org.pgrunbook.store;

import java.time.Duration;

/**
 * How long S3 is waited for.
 *
 * @param connect until a connection stands
 * @param idle until the next byte
 * @param answer to a question, all attempts together: nobody waits six times for one who is silent
 * @param part for one attempt to send a part of an upload
 * @param attempts at each request, each part of an upload being one
 */
record Patience(Duration connect, Duration idle, Duration answer, Duration part, int attempts) {

  /** A part of 64 MiB may go at 300 kB/s. */
  static final Patience USUAL =
      new Patience(
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofSeconds(60),
          Duration.ofMinutes(4),
          6);

  /** For what is small, and asked while somebody waits to act. */
  static final Patience BRIEF =
      new Patience(
          Duration.ofSeconds(3),
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(5),
          3);

  /** To send a part, all attempts together. */
  Duration sending() {
    return part.multipliedBy(3);
  }
}
