package tokenvending.budget;

import java.time.Duration;
import java.util.Optional;
import tokenvending.observation.QueueStatus;

/**
 * The slots of one account's rate budget, and the queue of callers that wait for one. There are as
 * many slots as the rate counts. A slot is taken when a call can be made, and is free again one
 * period after the call's response. Each step is atomic and returns at once: callers poll.
 *
 * <p>The queue is ordered by rank. A rank is the time of arrival, plus {@link #SPACING} for each
 * other request that the same caller has in the queue. A free slot goes to the waiting caller with
 * the lowest rank. A rejected caller keeps its position until shortly after its {@code Retry-After}
 * time; until it comes back, callers behind it go ahead, so that no slot stays empty. A poll with
 * the ticket of a slot whose call was not reported returns that slot, which is held from then on:
 * the response that granted it was lost. Several instances can share one queue in a store, which
 * uses the store's clock if it has one.
 *
 * <p>Thread-safe. If the store is unavailable, a poll returns {@link Poll.Unavailable} and other
 * steps do nothing. A slot that is never released becomes free after {@link
 * BudgetTerms#longestCall} plus one period. The contract suite is {@code BudgetQueueContract} in
 * {@code testing}.
 */
public interface BudgetQueue {
  /** How much later each further request of one caller ranks. */
  Duration SPACING = Duration.ofSeconds(5);

  /** The longest time that a request can have existed before its first poll. */
  Duration LONGEST_DELAY = Duration.ofSeconds(3);

  /** How long after its {@code Retry-After} time a rejected caller's position is kept. */
  Duration GRACE = Duration.ofSeconds(10);

  /** A waiting caller that is overdue by this time for its next poll is assumed to be gone. */
  Duration SILENCE = Duration.ofMillis(300);

  /** The longest time between two polls of a waiting caller. */
  Duration LONGEST_PAUSE = Duration.ofMillis(250);

  /** The longest {@code Retry-After}. A caller that returns early keeps its rank. */
  Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(5);

  /** The most positions in total. Further callers are rejected without a position. */
  int MOST_POSITIONS = 10_000;

  /** The most positions of one identity that several people can share. */
  int MOST_POSITIONS_OF_A_NETWORK = 1_000;

  /** How many positions one identified caller may have. */
  int MOST_POSITIONS_OF_A_CALLER = 16;

  /** Requests a slot, or polls for one that was requested before. */
  Poll poll(AcquireRequest request);

  /** Reports that the call ended: its slot is free one period from now. */
  void answered(String ticket, Answer answer, BudgetTerms terms);

  /** Reports that the call was not made: its slot is free at once. */
  void release(String ticket);

  /** Removes a request that was abandoned, and its position. */
  void leave(String ticket);

  /** Returns the state of the queue; empty while it is unavailable. */
  Optional<QueueStatus> status(BudgetTerms terms);

  /** The longest time a step can take before its result is {@link Poll.Unavailable}. */
  default Duration longestStep() {
    return Duration.ofMillis(250);
  }

  /**
   * Whether the queue notices outages between steps. Such a queue stops granting after an outage in
   * which another instance could have granted from its own share. Other queues rely on {@link
   * AcquireRequest#afterOutage}.
   */
  default boolean noticesOutages() {
    return false;
  }

  /**
   * One poll.
   *
   * @param ticket identifies the request, and later its slot; unique among all instances
   * @param waited the time since the request arrived, at most {@link #LONGEST_DELAY}; a duration,
   *     because clocks differ
   * @param timeout how long the caller will wait from now; zero if it does not wait
   * @param chance a random number from 0 to 1, which spreads the {@code Retry-After} times
   * @param afterOutage whether this instance used its own share until just now; the queue then
   *     grants nothing for one period, until the calls of all instances have ended
   */
  record AcquireRequest(
      BudgetCaller caller,
      String ticket,
      Duration waited,
      Duration timeout,
      double chance,
      boolean afterOutage,
      BudgetTerms terms) {
    public AcquireRequest {
      waited = waited.isNegative() ? Duration.ZERO : waited;
      waited = waited.compareTo(LONGEST_DELAY) > 0 ? LONGEST_DELAY : waited;
    }

    /**
     * Returns when a rejected caller should come back, as whole seconds, at least one. The time is
     * earlier than the expected slot by 15 % to 90 % of the longest wait.
     *
     * @param wait the time until the slot is expected
     */
    public Duration retryAfter(Duration wait) {
      double untilSlot = wait.toNanos() / 1e9;
      double maxWait = terms.maxWait().toNanos() / 1e9;
      long earliest = (long) Math.ceil(untilSlot - 0.9 * maxWait);
      long latest = (long) Math.floor(untilSlot - 0.15 * maxWait);
      long seconds =
          earliest <= latest
              ? earliest + (long) (chance * (latest - earliest + 1))
              : Math.round(untilSlot - maxWait / 2);
      return Duration.ofSeconds(Math.clamp(seconds, 1, LONGEST_RETRY_AFTER.toSeconds()));
    }

    /** Like {@link #retryAfter}, with up to half as much added at random. */
    public Duration retryAfterWithoutPosition(Duration wait) {
      long nanos = wait.toNanos();
      return retryAfter(Duration.ofNanos(nanos + (long) (nanos * chance / 2)));
    }

    /** Returns the same request under other terms. */
    AcquireRequest with(boolean afterOutage, BudgetTerms terms) {
      return new AcquireRequest(caller, ticket, waited, timeout, chance, afterOutage, terms);
    }
  }

  /** The result of a poll. */
  sealed interface Poll {
    /** The request has a slot, for one call that begins now. */
    record Granted() implements Poll {}

    /** The request waits, and must poll again after this time. */
    record Wait(Duration pollAgain) implements Poll {}

    /**
     * No slot will be free in time.
     *
     * @param retryAfter whole seconds, at least one, spread at random; a little before a slot is
     *     expected
     * @param kept whether the position is kept until then
     */
    record Rejected(Duration retryAfter, boolean kept) implements Poll {}

    /** The queue is unavailable. */
    record Unavailable() implements Poll {}
  }

  /** How a call ended, as it affects its slot. */
  enum Answer {
    /** A response, or the deadline passed. */
    GIVEN,
    /** Momento's limit for the account was reached: another program mints too. */
    RATE_LIMITED
  }
}
