package tokenvending.momento;

import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import tokenvending.issuing.VendedToken;
import tokenvending.momento.wire._GenerateDisposableTokenResponse;
import tokenvending.policy.Grant;
import tokenvending.secret.Secret;
import tokenvending.text.JsonObject;

/** Turns the token service's answer into the form that Momento's SDKs take. */
final class TokenAnswer {
  /** It travels as an HTTP header value, for which servers commonly allow no more. */
  private static final int LONGEST_KEY = 8192;

  /** 9999-12-31T23:59:59Z; beyond it, seconds and milliseconds have been confused, or worse. */
  private static final long LATEST = 253_402_300_799L;

  private TokenAnswer() {}

  /** The token; empty where the answer cannot be right. */
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

  /** ASCII without blanks, and some of it. */
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
    // Standard alphabet and padded: the JavaScript SDK takes anything else for a JWT.
    return Base64.getEncoder().encodeToString(json);
  }
}
