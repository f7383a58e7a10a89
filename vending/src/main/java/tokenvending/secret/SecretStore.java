package tokenvending.secret;

/** Finds secrets by name in a secret service. Thread-safe; blocks for a few seconds at most. */
public interface SecretStore {
  /**
   * Returns the current secret of a name. The result is not cached, so that the secret can be
   * rotated.
   */
  Lookup find(String name);

  /**
   * Closes connections and drops the store's own credentials; the next look-up creates new ones.
   */
  default void disconnect() {}

  /** Loads the classes of a look-up, without credentials, a connection or a request. */
  default void prime() {}

  /** The result of a look-up. */
  sealed interface Lookup {
    record Found(Secret secret) implements Lookup {}

    /**
     * The secret cannot be used now.
     *
     * @param problem a sentence for the operator, without any part of a secret
     */
    record Unreadable(String problem) implements Lookup {}
  }

  /** A store without secrets, for when there is no secret service. */
  static SecretStore none() {
    return name -> new Lookup.Unreadable("the AWS secret " + name + " cannot be read here");
  }
}
