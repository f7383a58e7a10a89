package tokenvending.momento;

import java.util.Optional;
import tokenvending.observation.ReloadState.Reload;

/** Where the API key lies. It may be another one at the next reading. Thread-safe. */
public interface ApiKeySource {
  /**
   * Reads the key as it is now; may block. Every failure is an {@link KeyReading.Unusable}, nothing
   * is thrown.
   */
  KeyReading read();

  /** Whether the latest reading succeeded; empty where the key never changes. */
  default Optional<Reload> reload() {
    return Optional.empty();
  }
}
