package tokenvending.issuing;

import java.time.Instant;
import java.util.Optional;
import tokenvending.policy.TokenId;
import tokenvending.secret.Secret;

/**
 * A token as Momento issued it.
 *
 * @param token the form that Momento's SDKs accept: base64 of JSON with endpoint and api_key
 * @param endpoint the host name for which it is valid
 * @param expiresAt the expiration time that the token service reported, in whole seconds
 */
public record VendedToken(
    Secret token, String endpoint, Instant expiresAt, Optional<TokenId> tokenId) {}
