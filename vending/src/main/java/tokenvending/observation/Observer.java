package tokenvending.observation;

import java.time.Duration;
import java.util.Optional;

/**
 * Receives what happens, as it happens: for metrics. Each method must return at once and not throw.
 * Every value is one of few, so each can be a label: words of outcomes, ids of rules, enums.
 * Thread-safe.
 */
public interface Observer {
  /**
   * A request was answered.
   *
   * @param outcome the word in the audit event
   * @param rule the id of the rule that matched, where one did
   * @param reused whether the token had been vended before
   */
  default void vendEnded(String outcome, Optional<String> rule, boolean reused) {}

  /** A call to the token service ended. */
  default void callEnded(CallOutcome outcome, Duration took) {}

  /** A wait for a permit ended. */
  default void waitEnded(WaitOutcome outcome, Duration waited) {}

  /** The circuit breaker opened, or closed again. */
  default void breakerChanged(boolean open) {}

  /** The shared state became unavailable, or recovered. */
  default void stateChanged(StateHealth health) {}

  /** Ignores everything. */
  static Observer none() {
    return new Observer() {};
  }

  /** How a wait for a permit ended. */
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
