package tokenvending.state;

import java.time.Duration;
import java.util.Optional;

/**
 * Keeps sealed tokens for all instances. It can neither read nor make one: what comes back is
 * believed only when its seal is whole. A store that is away has nothing and keeps nothing.
 * Thread-safe.
 */
public interface SealedEntries {
  /** What was kept under the name, if it is still there. */
  Optional<byte[]> find(String name);

  /**
   * Keeps, in position of what may be there.
   *
   * @param name of at most 64 characters of base64url
   * @param sealed at most {@link #LARGEST} bytes
   * @param life after which it is forgotten; a store may forget earlier
   */
  void keep(String name, byte[] sealed, Duration life);

  /** In bytes: the largest token and what belongs to it. */
  int LARGEST = 16 * 1024;
}
