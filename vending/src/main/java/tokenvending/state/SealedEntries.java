package tokenvending.state;

import java.time.Duration;
import java.util.Optional;

/**
 * Stores sealed tokens for all instances. The store can neither read nor forge an entry: an entry
 * is used only if its seal is intact. An unavailable store finds nothing and stores nothing.
 * Thread-safe.
 */
public interface SealedEntries {
  /** The entry of this name, if there is one. */
  Optional<byte[]> find(String name);

  /**
   * Stores an entry, replacing an existing one.
   *
   * @param name at most 64 characters of base64url
   * @param sealed at most {@link #LARGEST} bytes
   * @param life after this time the entry expires; a store can drop it earlier
   */
  void put(String name, byte[] sealed, Duration life);

  /** The largest entry in bytes: the largest token and its metadata. */
  int LARGEST = 16 * 1024;
}
