package tokenvending.momento;

import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import tokenvending.issuing.VendedToken;
import tokenvending.momento.wire._GenerateDisposableTokenResponse;
import tokenvending.policy.Grant;
import tokenvending.secret.Secret;
import tokenvending.text.JsonObject;

/** Converts the token service's response to the form that Momento's SDKs accept. */
final class TokenAnswer {
  /**
   * The longest key, in bytes. It is sent as an HTTP header value, for which servers commonly allow
   * no more.
   */
  private static final int LONGEST_KEY = 8192;

  /** 9999-12-31T23:59:59Z. A later time is probably in milliseconds instead of seconds. */
  private static final long LATEST = 253_402_300_799L;

  private TokenAnswer() {}

  /** Returns the token; empty if the response is invalid. */
  static Optional<VendedToken> read(_GenerateDisposableTokenResponse answer, Grant grant) {
    String apiKey = answer.getApiKey();
    long validUntil = answer.getValidUntil();
    if (apiKey.length() > LONGEST_KEY
        || !isPrintable(apiKey)
        || HostAndPort.parse(answer.getEndpoint(), 443).isEmpty()
        || validUntil <= 0
        || validUntil > LATEST) {
      return Optional.empty();
    }
    return Optional.of(
        new VendedToken(
            Secret.of(sdkForm(apiKey, answer.getEndpoint())),
            answer.getEndpoint(),
            Instant.ofEpochSecond(validUntil),
            grant.tokenId()));
  }

  /** Whether the text is non-empty ASCII without white space. */
  private static boolean isPrintable(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '!' || text.charAt(i) > '~') {
        return false;
      }
    }
    return !text.isEmpty();
  }

  private static String sdkForm(String apiKey, String endpoint) {
    byte[] json =
        new JsonObject(apiKey.length() + endpoint.length() + 64)
            .text("endpoint", endpoint)
            .text("api_key", apiKey)
            .utf8();
    // The standard alphabet with padding: the JavaScript SDK takes anything else for a JWT.
    return Base64.getEncoder().encodeToString(json);
  }
}
