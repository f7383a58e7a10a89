package tokenvending.application;

import java.util.Optional;
import java.util.function.LongSupplier;
import tokenvending.configuration.StateSettings;
import tokenvending.state.SharedState;

/** Opens the shared state of several instances. */
public interface StateOpener {
  /**
   * Opens the state that the file configures. Does not wait for the store; until it can be reached,
   * the state is unavailable.
   *
   * @param settings not {@link StateSettings.Memory}, and without a {@link #configurationError}
   * @param nanoTime a monotonic clock
   * @throws IllegalStateException if this process does not support the store
   */
  SharedState open(StateSettings settings, LongSupplier nanoTime);

  /**
   * Returns why this process can never open the state, for the author of the file; empty if it can.
   */
  Optional<String> configurationError(StateSettings settings);

  /** Runs code that the first step needs, before a snapshot. Opens no connection. */
  default void prime(StateSettings settings) {}

  /** An opener for processes without stores. */
  static StateOpener none() {
    return new StateOpener() {
      @Override
      public SharedState open(StateSettings settings, LongSupplier nanoTime) {
        throw new IllegalStateException("no such store here: " + settings);
      }

      @Override
      public Optional<String> configurationError(StateSettings settings) {
        return settings instanceof StateSettings.Memory
            ? Optional.empty()
            : Optional.of("this program can count in its own memory only");
      }
    };
  }
}
