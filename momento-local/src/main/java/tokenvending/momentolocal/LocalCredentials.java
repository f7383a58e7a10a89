package tokenvending.momentolocal;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * The permanent credentials of a {@link MomentoLocal}.
 *
 * @param rawApiKey the API key as sent in requests
 * @param apiKey the same key in v1 form: base64 of JSON with key and endpoint
 * @param v2Key an API key in v2 form: a JWT that is sent unchanged
 * @param sessionKey a session credential, which allows everything, including minting super-user
 *     keys
 */
public record LocalCredentials(String rawApiKey, String apiKey, String v2Key, String sessionKey) {

  private static final Base64.Encoder URL_ENCODER = Base64.getUrlEncoder().withoutPadding();

  static LocalCredentials of(PresetKeys given, String endpoint, SecureRandom random) {
    String raw = given.apiKey().orElseGet(() -> "local-api-key." + draw(random));
    return new LocalCredentials(
        raw,
        v1(raw, endpoint),
        given.v2Key().orElseGet(() -> jwt("{\"t\":\"g\",\"iss\":\"momento-local\"}", random)),
        // SDKs that accept a session credential parse it as a JWT.
        given.sessionKey().orElseGet(() -> jwt("{\"iss\":\"momento-local\"}", random)));
  }

  /** Returns the form in which SDKs accept a key or a token. */
  static String v1(String raw, String endpoint) {
    // Both are printable ASCII, so only two characters need escaping.
    String escaped = raw.replace("\\", "\\\\").replace("\"", "\\\"");
    String json = "{\"endpoint\":\"" + endpoint + "\",\"api_key\":\"" + escaped + "\"}";
    return Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns a text in the form of a JWT. Its signature is a random secret, which identifies it. */
  private static String jwt(String claims, SecureRandom random) {
    return part("{\"alg\":\"HS256\",\"typ\":\"JWT\"}") + "." + part(claims) + "." + draw(random);
  }

  private static String part(String json) {
    return URL_ENCODER.encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  private static String draw(SecureRandom random) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return URL_ENCODER.encodeToString(bytes);
  }

  /** Omits the keys, which must not be logged. */
  @Override
  public String toString() {
    return "LocalCredentials[redacted]";
  }
}
