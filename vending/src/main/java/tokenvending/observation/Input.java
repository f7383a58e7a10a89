package tokenvending.observation;

import java.util.Locale;

/** An input that a server reloads while it runs. */
public enum Input {
  POLICY,
  USERS,
  API_KEY,
  TLS;

  /** The metric label: {@code api_key}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
