package tokenvending.observation;

import java.time.Duration;
import java.util.Optional;

/**
 * Receives events as they happen, for metrics. Each method must return at once and must not throw.
 * Every value has few possible values and can be a label. Thread-safe.
 */
public interface Observer {
  /**
   * A request was answered.
   *
   * @param outcome the outcome, as in the audit event
   * @param rule the id of the rule that matched, if one did
   * @param reused whether the token was vended before
   */
  default void vendEnded(String outcome, Optional<String> rule, boolean reused) {}

  /** A call to the token service ended. */
  default void callEnded(CallOutcome outcome, Duration took) {}

  /** A wait for a permit ended. */
  default void waitEnded(WaitOutcome outcome, Duration waited) {}

  /** The circuit breaker opened or closed. */
  default void breakerChanged(boolean open) {}

  /** The shared state became unavailable, or recovered. */
  default void stateChanged(StateHealth health) {}

  /** An observer that does nothing. */
  static Observer none() {
    return new Observer() {};
  }

  /** How a wait for a permit ended. */
  enum WaitOutcome {
    GRANTED,
    REJECTED,
    CANCELED,
    UNAVAILABLE
  }

  /** Whether the shared state is available. */
  enum StateHealth {
    REACHABLE,
    UNAVAILABLE
  }
}
