package tokenvending.momentolocal;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * The standing credentials of a {@link MomentoLocal}; they last as long as it does.
 *
 * @param rawApiKey the API key as it goes over the wire
 * @param apiKey the same in v1 form, as one pastes it: base64 of JSON with key and endpoint
 * @param v2Key an API key in v2 form: a JWT that goes over the wire as it is
 * @param sessionKey the session credential: may do everything, minting super-user keys included
 */
public record LocalCredentials(String rawApiKey, String apiKey, String v2Key, String sessionKey) {

  private static final Base64.Encoder URL_ENCODER = Base64.getUrlEncoder().withoutPadding();

  static LocalCredentials of(PresetKeys given, String endpoint, SecureRandom random) {
    String raw = given.apiKey().orElseGet(() -> "local-api-key." + draw(random));
    return new LocalCredentials(
        raw,
        v1(raw, endpoint),
        given.v2Key().orElseGet(() -> jwt("{\"t\":\"g\",\"iss\":\"momento-local\"}", random)),
        // SDKs that take a session credential want to parse it as a JWT.
        given.sessionKey().orElseGet(() -> jwt("{\"iss\":\"momento-local\"}", random)));
  }

  private static String v1(String raw, String endpoint) {
    // Both are printable ASCII, so only two characters need escaping.
    String escaped = raw.replace("\\", "\\\\").replace("\"", "\\\"");
    String json = "{\"endpoint\":\"" + endpoint + "\",\"api_key\":\"" + escaped + "\"}";
    return Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  /** A JWT in shape: its signature is a random secret, which is what it is recognised by. */
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

  /** Keys are not for logs. */
  @Override
  public String toString() {
    return "LocalCredentials[redacted]";
  }
}
