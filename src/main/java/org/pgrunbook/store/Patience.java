package org.pgrunbook.store;

import java.time.Duration;

/**
 * How long S3 is waited for.
 *
 * @param connect until a connection stands
 * @param idle until the next byte
 * @param request for one attempt at a request that is not a stream of unknown length
 * @param attempts at each request, each part of an upload being one
 */
record Patience(Duration connect, Duration idle, Duration request, int attempts) {

  /** Long enough for a part of 64 MiB at 300 kB/s. */
  static final Patience USUAL =
      new Patience(Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofMinutes(4), 6);

  /** For all attempts at a request: whoever is silent is not asked six times. */
  Duration call() {
    return request.multipliedBy(2);
  }
}
