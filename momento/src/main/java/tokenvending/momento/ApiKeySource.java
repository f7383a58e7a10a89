package tokenvending.momento;

import java.util.Optional;
import tokenvending.observation.ReloadState.Reload;

/** The source of the API key, which can change between readings. Thread-safe. */
public interface ApiKeySource {
  /**
   * Reads the current key; can block. Does not throw: every failure is a {@link
   * KeyReading.Unusable}.
   */
  KeyReading read();

  /** Returns the result of the latest reading; empty if the key never changes. */
  default Optional<Reload> reload() {
    return Optional.empty();
  }
}
