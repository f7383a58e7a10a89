package tokenvending.budget;

import java.time.Duration;
import java.util.Optional;
import tokenvending.observation.QueueStatus;

/**
 * The slots of one account, and the queue of the callers that wait for one. There are as many slots
 * as the rate counts. A slot is taken when a call may be made, and is free again one period after
 * the call's answer. Each step is atomic and returns at once: callers poll.
 *
 * <p>The queue is ordered by rank: the time of arrival, and for a caller with other requests in the
 * queue, {@link #SPACING} later for each of them. A free slot goes to the best rank of those that
 * wait here. A rejected caller keeps its position until it may come back, and is passed over until
 * then, so that no slot stays empty for it. Several instances can share one queue; implementations
 * in a store hold it there, and go by the store's clock where it has one.
 *
 * <p>Thread-safe. A step that needs a store which is unavailable returns {@link Poll.Unavailable},
 * or where it returns nothing does nothing: a slot that is never released is free after {@link
 * BudgetTerms#longestCall} and one period. The contract is {@code BudgetQueueContract} in {@code
 * testing}.
 */
public interface BudgetQueue {
  /** How much later each further request of one caller ranks. */
  Duration SPACING = Duration.ofSeconds(5);

  /** How long before its first poll a request can have arrived, at most. */
  Duration LONGEST_DELAY = Duration.ofSeconds(3);

  /** How long after its {@code Retry-After} time a rejected caller's position is kept. */
  Duration GRACE = Duration.ofSeconds(10);

  /** A waiting caller that does not poll so long after it should have is taken to be gone. */
  Duration SILENCE = Duration.ofMillis(300);

  /** The longest time between two polls of a waiting caller. */
  Duration LONGEST_PAUSE = Duration.ofMillis(250);

  /** The longest {@code Retry-After}. A caller that comes back early keeps its rank. */
  Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(5);

  /** How many positions are kept in all. Beyond, callers are rejected without a position. */
  int MOST_POSITIONS = 10_000;

  /** How many positions one caller may have when several people may be behind it. */
  int MOST_POSITIONS_OF_A_NETWORK = 1_000;

  /** How many positions one identified caller may have. */
  int MOST_POSITIONS_OF_A_CALLER = 16;

  /** Requests a slot, or asks again for one that was requested before. */
  Poll poll(AcquireRequest request);

  /** The call was answered: its slot is free one period from now. */
  void answered(String ticket, Answer answer, BudgetTerms terms);

  /** The call was not made: its slot is free at once. */
  void release(String ticket);

  /** The request of this ticket is gone for good, and its position with it. */
  void leave(String ticket);

  /** The state of the queue; absent while it is unavailable. */
  Optional<QueueStatus> status(BudgetTerms terms);

  /** How long a step can take before its result is {@link Poll.Unavailable}. */
  default Duration longestStep() {
    return Duration.ofMillis(250);
  }

  /**
   * Whether outages are noticed without a step, too. Such a queue closes after one that was long
   * enough for another instance to go on without it; others need {@link
   * AcquireRequest#afterOutage}.
   */
  default boolean noticesOutages() {
    return false;
  }

  /**
   * One poll.
   *
   * @param ticket names the request, and later its slot; unique among all instances
   * @param waited how long ago the request arrived, at most {@link #LONGEST_DELAY}; a duration, so
   *     that clocks need not agree
   * @param timeout how long the caller will wait from now; zero where it does not wait
   * @param chance from 0 to 1, spreads the callers that are rejected together
   * @param afterOutage whether this instance went on without the queue until just now. Nothing is
   *     granted for a period then, so that what it and its peers did meanwhile is over
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
     * When a rejected caller should come back: some time before a slot is expected, from 90 % to 15
     * % of the longest wait.
     *
     * @param wait until the slot is expected
     * @return whole seconds, at least one
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

    /** As {@link #retryAfter}, spread over half as long again. */
    public Duration retryAfterWithoutPosition(Duration wait) {
      long nanos = wait.toNanos();
      return retryAfter(Duration.ofNanos(nanos + (long) (nanos * chance / 2)));
    }

    /** The same under these terms. */
    AcquireRequest with(boolean afterOutage, BudgetTerms terms) {
      return new AcquireRequest(caller, ticket, waited, timeout, chance, afterOutage, terms);
    }
  }

  /** The result of a poll. */
  sealed interface Poll {
    /** The request has a slot, for one call that begins now. */
    record Granted() implements Poll {}

    /** Not yet: the request waits, and polls again after this time. */
    record Wait(Duration pollAgain) implements Poll {}

    /**
     * No slot will be free in time.
     *
     * @param retryAfter in whole seconds, at least one, spread; a little before a slot is expected
     * @param kept whether the position is kept until then
     */
    record Rejected(Duration retryAfter, boolean kept) implements Poll {}

    /** The queue is unavailable. */
    record Unavailable() implements Poll {}
  }

  /** How a call ended, as far as slots depend on it. */
  enum Answer {
    /** It was answered, or its deadline passed. */
    GIVEN,
    /** It was refused because the account's limit was reached: another program mints too. */
    OVER_LIMIT
  }
}
