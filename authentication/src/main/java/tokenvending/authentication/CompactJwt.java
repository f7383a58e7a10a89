package tokenvending.authentication;

import com.nimbusds.jose.util.Base64URL;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;
import tokenvending.secret.Secret;
import tokenvending.text.Json;

/**
 * A signed JWT in compact form (RFC 7515 §7.1), parsed but not verified. Its header and claims have
 * exactly one interpretation.
 */
record CompactJwt(
    Json.Members header, Json.Members claims, String signingInput, Base64URL signature) {
  static final int LONGEST = 8 * 1024;

  // Checked before decoding, because common decoders skip unknown characters.
  private static final Pattern SHAPE =
      Pattern.compile("[A-Za-z0-9_-]++\\.[A-Za-z0-9_-]++\\.[A-Za-z0-9_-]++");

  /**
   * Parses a token. Empty for anything else: encrypted or unsigned tokens, padding, more than 8
   * KiB, invalid JSON.
   */
  static Optional<CompactJwt> parse(Secret token) {
    if (token.length() > LONGEST) {
      return Optional.empty();
    }
    String text = token.reveal();
    if (!SHAPE.matcher(text).matches()) {
      return Optional.empty();
    }
    int first = text.indexOf('.');
    int second = text.lastIndexOf('.');
    Optional<Json.Members> header = json(text.substring(0, first));
    Optional<Json.Members> claims = json(text.substring(first + 1, second));
    Optional<byte[]> signature = decode(text.substring(second + 1));
    if (header.isEmpty() || claims.isEmpty() || signature.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new CompactJwt(
            header.get(),
            claims.get(),
            text.substring(0, second),
            new Base64URL(text.substring(second + 1))));
  }

  private static Optional<Json.Members> json(String part) {
    return decode(part).flatMap(Json::object);
  }

  private static Optional<byte[]> decode(String part) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(part);
      // Only one encoding is accepted: the decoder ignores the spare bits of the last character.
      boolean canonical =
          Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part);
      return canonical ? Optional.of(bytes) : Optional.empty();
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
