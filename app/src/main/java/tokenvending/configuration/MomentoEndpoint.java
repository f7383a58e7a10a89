package tokenvending.configuration;

/** The host name of a Momento cell, which v2 keys do not contain. */
public sealed interface MomentoEndpoint {
  /** The host name in the file. */
  record Literal(String host) implements MomentoEndpoint {}

  /** In an environment variable. */
  record Environment(SecretReference.Environment reference) implements MomentoEndpoint {}
}
