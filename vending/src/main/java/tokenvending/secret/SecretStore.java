package tokenvending.secret;

/**
 * Finds secrets by name in a service that stores them. Thread-safe; waits a few seconds at most.
 */
public interface SecretStore {
  /** The secret that is stored under a name now; requested each time, so that it can rotate. */
  Lookup find(String name);

  /**
   * Closes connections and forgets the store's own credentials; the next look-up makes new ones.
   */
  default void disconnect() {}

  /** Loads what a look-up needs, without credentials, a connection or a request. */
  default void prime() {}

  /** The result of a look-up. */
  sealed interface Lookup {
    record Found(Secret secret) implements Lookup {}

    /**
     * Nothing that can be used, now.
     *
     * @param problem a sentence for the operator, without anything secret
     */
    record Unreadable(String problem) implements Lookup {}
  }

  /** Where there is no such service. */
  static SecretStore none() {
    return name -> new Lookup.Unreadable("the AWS secret " + name + " cannot be read here");
  }
}
