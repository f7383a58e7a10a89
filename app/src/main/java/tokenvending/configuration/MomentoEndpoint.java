package tokenvending.configuration;

/** The host name of a Momento cell, which v2 keys do not hold themselves. */
public sealed interface MomentoEndpoint {
  /** As written. */
  record Literal(String host) implements MomentoEndpoint {}

  /** In an environment variable. */
  record Environment(SecretReference.Environment reference) implements MomentoEndpoint {}
}
