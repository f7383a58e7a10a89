package tokenvending.momento;

/** What was found where the API key should be. */
public sealed interface KeyReading {
  /** A key that can be sent. Whether Momento knows it is for Momento to say. */
  record Usable(MomentoApiKey key) implements KeyReading {}

  /**
   * No key that could be sent.
   *
   * @param problem a sentence that can be printed: it never shows any part of what was read
   */
  record Unusable(String problem) implements KeyReading {}
}
