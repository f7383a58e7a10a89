package tokenvending.momento;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;
import tokenvending.issuing.VendedToken;
import tokenvending.momento.wire._GenerateDisposableTokenResponse;
import tokenvending.policy.Grant;
import tokenvending.secret.Secret;

/** Turns the token service's answer into the form that Momento's SDKs take. */
final class TokenAnswer {
  /** It travels as an HTTP header value, for which servers commonly allow no more. */
  private static final int LONGEST_KEY = 8192;

  /** 9999-12-31T23:59:59Z; beyond it, seconds and milliseconds have been confused, or worse. */
  private static final long LATEST = 253_402_300_799L;

  private static final Pattern PRINTABLE = Pattern.compile("[!-~]+");

  private static final JsonFactory JSON = new JsonFactory();

  private TokenAnswer() {}

  /** The token; empty where the answer cannot be right. */
  static Optional<VendedToken> read(_GenerateDisposableTokenResponse answer, Grant grant) {
    String apiKey = answer.getApiKey();
    long validUntil = answer.getValidUntil();
    if (apiKey.length() > LONGEST_KEY
        || !PRINTABLE.matcher(apiKey).matches()
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

  private static String sdkForm(String apiKey, String endpoint) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(apiKey.length() + 64);
    try (JsonGenerator json = JSON.createGenerator(bytes, JsonEncoding.UTF8)) {
      json.writeStartObject();
      json.writeStringField("endpoint", endpoint);
      json.writeStringField("api_key", apiKey);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
    // Standard alphabet and padded: the JavaScript SDK takes anything else for a JWT.
    return new String(Base64.getEncoder().encode(bytes.toByteArray()), UTF_8);
  }
}
