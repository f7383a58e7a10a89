package tokenvending.budget;

import java.time.Duration;

/** The rate budget of the token service: one permit for each call. Thread-safe. */
public interface Budget {
  /**
   * Waits until a call can be made. If the thread is interrupted, returns early and keeps the
   * interrupt.
   *
   * @param waited the time since the caller arrived, which decides the queue position
   * @param timeout the longest wait; the budget's own longest wait applies as well
   */
  AcquireResult acquire(BudgetCaller caller, Duration waited, Duration timeout);
}
