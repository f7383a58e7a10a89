package tokenvending.application;

import java.util.Optional;
import java.util.function.LongSupplier;
import tokenvending.configuration.StateSettings;
import tokenvending.state.SharedState;

/** Opens the shared state of several instances. */
public interface StateOpener {
  /**
   * Opens the state that the file names. Does not wait for the store: until it can be reached, the
   * state is away.
   *
   * @param settings any but {@link StateSettings.Memory}, and none that is {@link
   *     #configurationError}
   * @param nanoTime a clock that never steps
   * @throws IllegalStateException where this process has no such store
   */
  SharedState open(StateSettings settings, LongSupplier nanoTime);

  /** Why this process can never open it, for the author of the file; empty where it can. */
  Optional<String> configurationError(StateSettings settings);

  /** For processes without a store. */
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
