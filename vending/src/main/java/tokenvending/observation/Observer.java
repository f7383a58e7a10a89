package tokenvending.observation;

import java.time.Duration;
import java.util.Optional;

/**
 * Is told what happens, as it happens; must return at once and not throw. Every value is one of
 * few, so each may be a label of a metric: words of outcomes, ids of rules, enums. Thread-safe.
 */
public interface Observer {
  /**
   * A request was answered.
   *
   * @param outcome the word in the audit record
   * @param rule the id of the rule that matched, where one did
   * @param reused whether the token had been handed out before
   */
  default void vendEnded(String outcome, Optional<String> rule, boolean reused) {}

  /** A call to the token service ended. */
  default void callEnded(CallOutcome outcome, Duration took) {}

  /** Somebody waited for the budget, and this came of it. */
  default void waitEnded(WaitOutcome outcome, Duration waited) {}

  /** The circuit breaker opened, or closed again. */
  default void breakerChanged(boolean open) {}

  /** The shared state went away, or came back. */
  default void stateChanged(StateHealth health) {}

  /** Nobody watches. */
  static Observer none() {
    return new Observer() {};
  }

  /** What came of waiting for the budget. */
  enum WaitOutcome {
    GRANTED,
    TOLD_TO_COME_BACK,
    LEFT,
    NOT_POSSIBLE
  }

  /** Whether the shared state can be reached. */
  enum StateHealth {
    REACHABLE,
    UNAVAILABLE
  }
}
