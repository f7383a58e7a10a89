package tokenvending.state;

import java.time.Duration;
import java.util.Optional;

/**
 * Stores sealed tokens for all instances. The store can neither read nor make one: an entry is used
 * only when its seal is intact. A store that is unavailable finds nothing and stores nothing.
 * Thread-safe.
 */
public interface SealedEntries {
  /** The entry of this name, if there is one. */
  Optional<byte[]> find(String name);

  /**
   * Stores an entry, in place of one that is there.
   *
   * @param name of at most 64 characters of base64url
   * @param sealed at most {@link #LARGEST} bytes
   * @param life after which it is forgotten; a store may forget earlier
   */
  void put(String name, byte[] sealed, Duration life);

  /** In bytes: the largest token and what belongs to it. */
  int LARGEST = 16 * 1024;
}
