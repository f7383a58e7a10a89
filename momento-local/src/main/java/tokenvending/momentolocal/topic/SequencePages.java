package tokenvending.momentolocal.topic;

import java.time.InstantSource;

/**
 * Numbers the incarnations of topics: never zero, each greater than all before it, also than those
 * of an earlier run of the program, and below 2^53 because JavaScript clients hold them in a
 * double.
 */
final class SequencePages {

  private final InstantSource clock;
  private long last;

  SequencePages(InstantSource clock) {
    this.clock = clock;
  }

  /** The next page. */
  long next() {
    // Microseconds leave room for a million new topics a second before a restart could repeat one.
    last = Math.max(last + 1, clock.millis() * 1_000);
    return last;
  }
}
