package tokenvending.momentolocal.topic;

import java.time.InstantSource;

/**
 * Numbers the incarnations of topics. A number is never zero, greater than all before it, also
 * those of an earlier process, and below 2^53, because JavaScript clients hold it in a double.
 */
final class SequencePages {

  private final InstantSource clock;
  private long last;

  SequencePages(InstantSource clock) {
    this.clock = clock;
  }

  /** Returns the next number. */
  long next() {
    // Microseconds allow a million new topics per second before a restart could repeat a number.
    last = Math.max(last + 1, clock.millis() * 1_000);
    return last;
  }
}
