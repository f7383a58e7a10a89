package tokenvending.limits;

import java.time.Duration;
import java.util.List;

/**
 * Counts requests of callers and networks against rates, for all instances together. Thread-safe.
 */
public interface RateCounters {
  /**
   * Counts once against every charge, or against none where one of them is over its rate. A key
   * that is not known is as good as new; it may be forgotten once it is as good as new again.
   */
  Counted count(List<Charge> charges);

  /**
   * One counter.
   *
   * @param key which, of at most 64 characters; the same key always comes with the same rate,
   *     except after a change of the file
   */
  record Charge(String key, Rate rate) {}

  /** The result of counting. */
  sealed interface Counted {
    record Admitted() implements Counted {}

    /**
     * Nothing was counted.
     *
     * @param charge the position of the charge that is over its rate; of several the one that has
     *     longest to wait
     * @param retryAfter when another request has a chance
     */
    record Over(int charge, Duration retryAfter) implements Counted {}

    /** The store is unavailable. */
    record Unavailable() implements Counted {}
  }
}
