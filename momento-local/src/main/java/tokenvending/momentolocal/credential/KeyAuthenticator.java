package tokenvending.momentolocal.credential;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tokenvending.momentolocal.permission.RequestedPermissions;
import tokenvending.momentolocal.permission.Statement;
import tokenvending.momentolocal.wire.SealedToken;

/** Identifies the holder of a key: a permanent key, or a token that was minted here. */
public final class KeyAuthenticator {

  /** The result of identifying a key. */
  public sealed interface Identification {}

  /** The key is valid now. */
  public record Known(Identity identity) implements Identification {}

  /** The key is unknown or expired. */
  public record Unknown(String reason) implements Identification {}

  private record StandingKey(ByteString sha256, Identity identity) {}

  static final Identity SESSION =
      new Identity(Identity.Authority.SESSION, List.of(), "", Instant.MAX);

  private final List<StandingKey> standingKeys;
  private final LocalTokenSeal seal;
  private final InstantSource clock;
  private final Identification withoutKey;

  /**
   * Accepts permanent keys, which never expire.
   *
   * @param superUserKeys keys that cannot mint super-user keys
   */
  public KeyAuthenticator(
      List<String> superUserKeys, String sessionKey, LocalTokenSeal seal, InstantSource clock) {
    Identity superUser = new Identity(Identity.Authority.SUPER_USER, List.of(), "", Instant.MAX);
    this.standingKeys =
        Stream.concat(
                superUserKeys.stream()
                    .map(key -> new StandingKey(ByteString.copyFrom(sha256(key)), superUser)),
                Stream.of(new StandingKey(ByteString.copyFrom(sha256(sessionKey)), SESSION)))
            .toList();
    this.seal = seal;
    this.clock = clock;
    this.withoutKey =
        new Unknown(
            "no credential; momento-local accepts calls without one only with --keyless, and tvm"
                + " serve only at the port that it prints");
  }

  private KeyAuthenticator(KeyAuthenticator other, Identification withoutKey) {
    this.standingKeys = other.standingKeys;
    this.seal = other.seal;
    this.clock = other.clock;
    this.withoutKey = withoutKey;
  }

  /** Returns one that also accepts calls without a key, and gives them a session's authority. */
  public KeyAuthenticator keyless() {
    return new KeyAuthenticator(this, new Known(SESSION));
  }

  /** Identifies the holder of a key; an invalid key of any length is rejected cheaply. */
  public Identification identify(String key) {
    if (key.isEmpty()) {
      return withoutKey;
    }
    if (key.length() > LocalTokenSeal.MAX_LENGTH) {
      return new Unknown("unknown credential");
    }
    byte[] presented = sha256(key);
    for (StandingKey standing : standingKeys) {
      if (MessageDigest.isEqual(standing.sha256().toByteArray(), presented)) {
        return new Known(standing.identity());
      }
    }
    Optional<SealedToken> opened = seal.open(key);
    if (opened.isEmpty()) {
      return new Unknown("unknown credential");
    }
    SealedToken token = opened.get();
    return switch (token.getKind()) {
      case DISPOSABLE, API_KEY -> identify(token);
      // A refresh token can only be used for refreshing.
      case REFRESH, UNKNOWN, UNRECOGNIZED -> new Unknown("unknown credential");
    };
  }

  private Identification identify(SealedToken token) {
    Instant expiresAt =
        token.getExpiresAt() == 0 ? Instant.MAX : Instant.ofEpochMilli(token.getExpiresAt());
    String publisherId = token.getKind() == SealedToken.Kind.DISPOSABLE ? token.getTokenId() : "";
    Identity identity =
        switch (RequestedPermissions.parse(token.getPermissions())) {
          case RequestedPermissions.SuperUser() ->
              new Identity(Identity.Authority.SUPER_USER, List.of(), publisherId, expiresAt);
          case RequestedPermissions.Explicit(List<Statement> statements) ->
              new Identity(Identity.Authority.SCOPED, statements, publisherId, expiresAt);
          case RequestedPermissions.Malformed(String reason) ->
              throw new IllegalStateException("a token was sealed that should not: " + reason);
        };
    return identity.expiredAt(clock.instant())
        ? new Unknown("the credential has expired")
        : new Known(identity);
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
