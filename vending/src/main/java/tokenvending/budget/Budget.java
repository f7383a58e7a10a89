package tokenvending.budget;

import java.time.Duration;

/** The right to call the token service, once for each turn. Thread-safe. */
public interface Budget {
  /**
   * Waits until a call may be made. Ends early, with the thread still interrupted, when the thread
   * is interrupted.
   *
   * @param patience the longest wait; the budget's own longest wait holds too
   */
  Turn await(Applicant applicant, Duration patience);
}
