package tokenvending.secret;

/** A service that keeps credentials under names. Thread-safe; waits a few seconds at most. */
public interface SecretStore {
  /** What is kept under a name now; asked anew each time, so that a rotated credential is found. */
  Lookup find(String name);

  /** Lets go of connections and of credentials of its own; the next question makes new ones. */
  default void disconnect() {}

  /** Loads what a question needs, without a credential, a connection or a question. */
  default void rehearse() {}

  /** What a store said. */
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
