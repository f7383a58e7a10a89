package tokenvending.momento;

/** The result of reading the API key. */
public sealed interface KeyReading {
  /** A well-formed key. Only a call shows whether Momento accepts it. */
  record Usable(MomentoApiKey key) implements KeyReading {}

  /**
   * There is no well-formed key.
   *
   * @param problem a sentence for the log that contains no part of the key
   */
  record Unusable(String problem) implements KeyReading {}
}
