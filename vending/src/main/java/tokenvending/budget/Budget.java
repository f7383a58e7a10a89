package tokenvending.budget;

import java.time.Duration;

/** The right to call the token service, once for each turn. Thread-safe. */
public interface Budget {
  /**
   * Waits until a call may be made. Ends early, with the thread still interrupted, when the thread
   * is interrupted.
   *
   * @param waited how long he has been here already: he stands in line by when he came
   * @param patience the longest wait; the budget's own longest wait holds too
   */
  Turn await(Applicant applicant, Duration waited, Duration patience);
}
