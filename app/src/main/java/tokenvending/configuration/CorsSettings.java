package tokenvending.configuration;

import java.util.List;

/** {@code cors.allow-origins}: which web pages may read answers. */
public sealed interface CorsSettings {
  /** Pages from anywhere; somebody wrote {@code "*"}. */
  record AnyOrigin() implements CorsSettings {}

  /**
   * Pages from these origins, exact or beginning with {@code https://*.}; none where the file says
   * nothing.
   */
  record Only(List<String> origins) implements CorsSettings {
    public Only {
      origins = List.copyOf(origins);
    }
  }
}
