package tokenvending.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.PresentedCredential.BearerToken;
import tokenvending.identity.PresentedCredential.None;
import tokenvending.identity.PresentedCredential.Unreadable;
import tokenvending.identity.PresentedCredential.UserPassword;
import tokenvending.secret.Secret;

/** Extracts the credential of a request. */
public final class Credentials {
  private Credentials() {}

  /**
   * Returns the presented credential; empty if the request has two credentials, because neither
   * takes precedence.
   */
  public static Optional<PresentedCredential> of(ApiRequest request) {
    List<String> authorization = request.header("authorization");
    List<String> user = request.header("username");
    List<String> password = request.header("password");
    boolean byHeaders = !user.isEmpty() || !password.isEmpty();
    boolean two = byHeaders && !authorization.isEmpty();
    if (two || authorization.size() > 1 || user.size() > 1 || password.size() > 1) {
      return Optional.empty();
    }
    if (byHeaders) {
      boolean complete = !user.isEmpty() && !password.isEmpty();
      return Optional.of(
          complete
              ? new UserPassword(user.getFirst(), Secret.of(password.getFirst()))
              : new Unreadable());
    }
    return Optional.of(
        authorization.isEmpty() ? new None() : authorization(authorization.getFirst()));
  }

  private static PresentedCredential authorization(String value) {
    int space = value.indexOf(' ');
    String scheme = space < 0 ? value : value.substring(0, space);
    String rest = space < 0 ? "" : value.substring(space + 1).strip();
    return switch (scheme.toLowerCase(Locale.ROOT)) {
      // A malformed token is still a token: no authentication method accepts it as another
      // credential.
      case "bearer" -> rest.isEmpty() ? new Unreadable() : new BearerToken(Secret.of(rest));
      case "basic" -> basic(rest);
      default -> new Unreadable();
    };
  }

  /** Parses user-id, colon and password (RFC 7617 §2), in UTF-8 as the challenge requires. */
  private static PresentedCredential basic(String encoded) {
    try {
      byte[] decoded = Base64.getDecoder().decode(encoded);
      String pair = UTF_8.newDecoder().decode(ByteBuffer.wrap(decoded)).toString();
      int colon = pair.indexOf(':');
      return colon < 0
          ? new Unreadable()
          : new UserPassword(pair.substring(0, colon), Secret.of(pair.substring(colon + 1)));
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return new Unreadable();
    }
  }
}
