package tokenvending.application;

import tokenvending.configuration.StateSettings;
import tokenvending.state.SharedState;

/**
 * Opens the state that several instances share; whoever starts a process knows which stores it has.
 */
public interface StateOpener {
  /**
   * Opens the state that the file names. Does not wait for the store: until it can be reached, the
   * state is away.
   *
   * @param settings any but {@link StateSettings.Memory}
   * @throws IllegalStateException where this process has no such store
   */
  SharedState open(StateSettings settings);

  /** For processes without a store. */
  static StateOpener none() {
    return settings -> {
      throw new IllegalStateException("no such store here: " + settings);
    };
  }
}
