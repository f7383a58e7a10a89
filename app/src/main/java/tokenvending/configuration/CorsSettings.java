package tokenvending.configuration;

import java.util.List;

/** {@code cors.allow-origins}: the web pages that can read responses. */
public sealed interface CorsSettings {
  /** All origins: {@code "*"}. */
  record AnyOrigin() implements CorsSettings {}

  /** These origins, exact or beginning with {@code https://*.}; empty by default. */
  record Only(List<String> origins) implements CorsSettings {
    public Only {
      origins = List.copyOf(origins);
    }
  }
}
