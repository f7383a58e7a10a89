package tokenvending.momentolocal;

import java.time.Instant;
import java.util.Optional;
import tokenvending.momentolocal.credential.LocalTokenSeal;

/** The content of a token of a {@link MomentoLocal}, read without its key and thus not verified. */
public record LocalToken(Instant expiresAt, Optional<String> tokenId) {
  /** Parses a token; empty if the text is not such a token. */
  public static Optional<LocalToken> read(String token) {
    return LocalTokenSeal.unverified(token)
        .map(
            contents ->
                new LocalToken(
                    Instant.ofEpochMilli(contents.getExpiresAt()),
                    Optional.of(contents.getTokenId()).filter(id -> !id.isEmpty())));
  }
}
