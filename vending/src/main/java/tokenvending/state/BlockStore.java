package tokenvending.state;

import java.util.Map;

/**
 * Stores the entries of the list of blocked callers, each under its name. At most {@link #MOST}.
 * Thread-safe, and never throws.
 */
public interface BlockStore {
  /** The most entries, which fit a page of every store. */
  int MOST = 500;

  /** The result of reading. */
  sealed interface Reading {
    /** All entries by name. */
    record Found(Map<String, String> entries) implements Reading {
      public Found {
        entries = Map.copyOf(entries);
      }
    }

    /** The store cannot be read now. */
    record Unavailable() implements Reading {}
  }

  Reading read();

  /**
   * Stores an entry, replacing an existing one.
   *
   * @return whether it is stored
   */
  boolean put(String name, String entry);

  /** Removes an entry, if there is one. */
  void remove(String name);
}
