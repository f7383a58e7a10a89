package tokenvending.observation;

import java.util.Locale;

/** What a server reads again while it runs. Its word is a label of a metric. */
public enum Input {
  POLICY,
  USERS,
  API_KEY,
  TLS;

  /** The label: {@code api_key}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
