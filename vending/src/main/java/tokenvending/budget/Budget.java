package tokenvending.budget;

import java.time.Duration;

/** The rate budget of the token service: one permit for each call. Thread-safe. */
public interface Budget {
  /**
   * Waits until a call may be made. Ends early, with the thread still interrupted, when the thread
   * is interrupted.
   *
   * @param waited how long ago the caller arrived, which decides the position in the queue
   * @param timeout the longest wait; the budget's own longest wait holds too
   */
  AcquireResult acquire(BudgetCaller caller, Duration waited, Duration timeout);
}
