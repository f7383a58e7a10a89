package tokenvending.momento;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tokenvending.reuse.TokenSeal;
import tokenvending.secret.Secret;
import tokenvending.text.Json;

/**
 * An API key of one of Momento's three forms, with the token service it belongs to.
 *
 * <ul>
 *   <li>v1: base64 of JSON with {@code endpoint} and {@code api_key}, of which only the latter is
 *       sent;
 *   <li>v2: a JWT whose claim {@code t} is {@code g}; it does not name its endpoint;
 *   <li>legacy: a JWT with the hosts in claims {@code c} and {@code cp}; its token service is at
 *       its cache host.
 * </ul>
 */
public final class MomentoApiKey {
  private static final int HTTPS_PORT = 443;

  /** The longest key, in bytes; longer ones exceed the header limits of Momento's data services. */
  private static final int LONGEST = 8192;

  private static final Pattern PRINTABLE = Pattern.compile("[!-~]+");
  private static final Pattern JWT =
      Pattern.compile("[A-Za-z0-9_-]++\\.[A-Za-z0-9_-]++\\.[A-Za-z0-9_-]++");

  private final Secret key;
  private final String endpoint;
  private final TokenServiceAddress tokenService;
  private volatile @Nullable TokenSeal seal;

  private MomentoApiKey(Secret key, String endpoint, TokenServiceAddress tokenService) {
    this.key = key;
    this.endpoint = endpoint;
    this.tokenService = tokenService;
  }

  /**
   * Parses a key and ignores surrounding white space, because files end in a newline.
   *
   * @param endpoint the endpoint in the configuration, if any; only keys that do not contain one
   *     use it
   */
  public static KeyReading parse(Secret pasted, Optional<String> endpoint) {
    String text = pasted.reveal().strip();
    if (text.isEmpty()) {
      return new KeyReading.Unusable("the API key is empty");
    }
    if (text.length() > LONGEST || !PRINTABLE.matcher(text).matches()) {
      return new KeyReading.Unusable(
          "the API key contains white space or invalid characters, or is too long: copy the key"
              + " alone");
    }
    return JWT.matcher(text).matches() ? jwt(text, endpoint) : v1(text);
  }

  private static KeyReading v1(String text) {
    Optional<Json.Members> fields = base64(text).flatMap(MomentoApiKey::members);
    if (fields.isEmpty()) {
      return new KeyReading.Unusable(
          "the API key has none of Momento's forms: copy the whole key, without quotes");
    }
    String inner = fields.get().text("api_key").orElse("");
    if (inner.length() > LONGEST || !PRINTABLE.matcher(inner).matches()) {
      return new KeyReading.Unusable(
          "the API key is of the v1 form but contains no usable api_key");
    }
    return at(inner, "token.", fields.get().text("endpoint").orElse(""))
        .orElse(
            new KeyReading.Unusable("the API key is of the v1 form but names no usable endpoint"));
  }

  private static KeyReading jwt(String text, Optional<String> endpoint) {
    Optional<Json.Members> claims = payload(text).flatMap(MomentoApiKey::members);
    if (claims.isEmpty()) {
      return new KeyReading.Unusable("the API key looks like a JWT but its payload is not JSON");
    }
    if (claims.get().text("t").orElse("").equals("g")) {
      if (endpoint.isEmpty() || endpoint.get().isBlank()) {
        return new KeyReading.Unusable(
            "the API key is of the v2 form, which does not name its endpoint: set"
                + " momento.endpoint");
      }
      return at(text, "token.", endpoint.get().strip())
          .orElse(new KeyReading.Unusable("momento.endpoint is not a host name"));
    }
    if (claims.get().text("c").isPresent() && claims.get().text("cp").isPresent()) {
      return at(text, "", claims.get().text("c").orElse(""))
          .orElse(
              new KeyReading.Unusable(
                  "the API key is of the legacy form but names no usable host"));
    }
    return new KeyReading.Unusable(
        "this JWT is not an API key: it has neither the v2 form nor the legacy form");
  }

  private static Optional<KeyReading> at(String key, String prefix, String endpoint) {
    if (endpoint.length() + prefix.length() > 253 + ":65535".length()) {
      return Optional.empty();
    }
    return HostAndPort.parse(prefix + endpoint, HTTPS_PORT)
        .map(
            host ->
                new KeyReading.Usable(
                    new MomentoApiKey(Secret.of(key), endpoint, TokenServiceAddress.tls(host))));
  }

  private static Optional<byte[]> base64(String text) {
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      // The SDKs accept only the standard alphabet with padding; the decoder accepts more.
      return Base64.getEncoder().encodeToString(bytes).equals(text)
          ? Optional.of(bytes)
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<byte[]> payload(String jwt) {
    int first = jwt.indexOf('.');
    try {
      return Optional.of(
          Base64.getUrlDecoder()
              .decode(jwt.substring(first + 1, jwt.indexOf('.', first + 1)).getBytes(US_ASCII)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Parses one JSON object, and wipes its bytes. */
  private static Optional<Json.Members> members(byte[] json) {
    try {
      return Json.object(json);
    } finally {
      Arrays.fill(json, (byte) 0);
    }
  }

  /** Returns the part of the key that is sent. */
  Secret key() {
    return key;
  }

  /** Returns the seal for tokens minted with this key: the same object while the key is in use. */
  TokenSeal seal() {
    TokenSeal made = seal;
    if (made != null) {
      return made;
    }
    synchronized (this) {
      TokenSeal present = seal;
      TokenSeal only = present == null ? TokenSeal.of(key) : present;
      seal = only;
      return only;
    }
  }

  /** Returns the endpoint in the key, or the configured one. */
  public String endpoint() {
    return endpoint;
  }

  /** Returns the address of this key's token service by Momento's naming; always TLS. */
  public TokenServiceAddress tokenService() {
    return tokenService;
  }

  /** Whether both are the same key for the same service, compared in constant time. */
  boolean isSameAs(MomentoApiKey other) {
    return tokenService.equals(other.tokenService)
        && MessageDigest.isEqual(key.reveal().getBytes(UTF_8), other.key.reveal().getBytes(UTF_8));
  }

  /** Returns the endpoint; the key itself is never printed. */
  @Override
  public String toString() {
    return "API key for " + endpoint;
  }
}
