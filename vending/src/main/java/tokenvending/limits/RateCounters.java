package tokenvending.limits;

import java.time.Duration;
import java.util.List;

/**
 * Counts requests of callers and networks against rates, for all instances together. Thread-safe.
 */
public interface RateCounters {
  /**
   * Counts once against every charge, or against none if one of them is over its rate. A key that
   * is not stored has its whole burst, so a key can be removed once its burst is whole again.
   */
  Counted count(List<Charge> charges);

  /**
   * One counter.
   *
   * @param key at most 64 characters; a key always comes with the same rate, except after a reload
   */
  record Charge(String key, Rate rate) {}

  /** The result of counting. */
  sealed interface Counted {
    record Admitted() implements Counted {}

    /**
     * Nothing was counted.
     *
     * @param charge the index of the charge that is over its rate; of several, the one with the
     *     longest wait
     * @param retryAfter when another request can succeed
     */
    record Over(int charge, Duration retryAfter) implements Counted {}

    /** The store is unavailable. */
    record Unavailable() implements Counted {}
  }
}
