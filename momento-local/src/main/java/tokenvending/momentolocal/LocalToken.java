package tokenvending.momentolocal;

import java.time.Instant;
import java.util.Optional;
import tokenvending.momentolocal.credential.LocalTokenSeal;

/**
 * What a token of a {@link MomentoLocal} says about itself to whoever holds it. Read without the
 * key, so anybody could have written it.
 */
public record LocalToken(Instant expiresAt, Optional<String> tokenId) {
  /** The contents; empty where the text is no token of that kind. */
  public static Optional<LocalToken> read(String token) {
    return LocalTokenSeal.unverified(token)
        .map(
            contents ->
                new LocalToken(
                    Instant.ofEpochMilli(contents.getExpiresAt()),
                    Optional.of(contents.getTokenId()).filter(id -> !id.isEmpty())));
  }
}
