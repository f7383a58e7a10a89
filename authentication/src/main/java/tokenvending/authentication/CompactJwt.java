package tokenvending.authentication;

import com.nimbusds.jose.util.Base64URL;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;
import tokenvending.secret.Secret;
import tokenvending.text.Json;

/**
 * A signed JWT in compact form (RFC 7515 §7.1), taken apart and not yet believed. Of its header and
 * claims there is exactly one reading.
 */
record CompactJwt(
    Json.Members header, Json.Members claims, String signingInput, Base64URL signature) {
  static final int LONGEST = 8 * 1024;

  // Before any decoder: common ones skip characters that they do not know.
  private static final Pattern SHAPE =
      Pattern.compile("[A-Za-z0-9_-]++\\.[A-Za-z0-9_-]++\\.[A-Za-z0-9_-]++");

  /** Empty for anything else: encrypted or unsigned tokens, padding, over 8 KiB, not JSON. */
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
      // One spelling only: the decoder ignores the bits that are left over in the last character.
      boolean canonical =
          Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part);
      return canonical ? Optional.of(bytes) : Optional.empty();
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
