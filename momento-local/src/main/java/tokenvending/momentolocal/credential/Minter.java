package tokenvending.momentolocal.credential;

import com.google.protobuf.ByteString;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.call.CallResult;
import tokenvending.momentolocal.permission.RequestedPermissions;
import tokenvending.momentolocal.wire.Permissions;
import tokenvending.momentolocal.wire.SealedToken;

/**
 * Mints under Momento's rules. Checks in this order: the caller is known, can mint, is within the
 * rate of the account, and requests something that Momento would grant.
 */
public final class Minter {

  /** Momento's limit on the lifetime of a disposable token: 25 hours. */
  static final long MAX_DISPOSABLE_SECONDS = 90_000;

  /** In UTF-16 units, as in the JavaScript SDK. */
  static final int MAX_TOKEN_ID_LENGTH = 64;

  /** The lifetime of a new credential. */
  sealed interface Life {

    /** It never expires; for API keys only. */
    record Never() implements Life {}

    /** A number of seconds. */
    record Seconds(long seconds) implements Life {}

    /** The request has no lifetime. */
    record Unsaid() implements Life {}
  }

  /**
   * A new credential.
   *
   * @param validUntil epoch seconds, rounded down; 0 if it never expires
   */
  record Minted(String key, String refreshToken, long validUntil) {}

  private final KeyAuthenticator authenticator;
  private final LocalTokenSeal seal;
  private final RateWindow rate;
  private final InstantSource clock;
  private final SecureRandom random;

  public Minter(
      KeyAuthenticator authenticator,
      LocalTokenSeal seal,
      RateWindow rate,
      InstantSource clock,
      SecureRandom random) {
    this.authenticator = authenticator;
    this.seal = seal;
    this.rate = rate;
    this.clock = clock;
    this.random = random;
  }

  CallResult<Minted> mint(
      String callersKey, SealedToken.Kind kind, Life life, String tokenId, Permissions requested) {
    return switch (authenticator.identify(callersKey)) {
      case KeyAuthenticator.Unknown(String reason) -> refuse(CallError.unauthenticated(reason));
      case KeyAuthenticator.Known(Identity caller) ->
          admit(caller).orElseGet(() -> mint(caller, kind, life, tokenId, requested));
    };
  }

  /** Mints a token for the owner of this service, at any rate, and returns the raw token. */
  public CallResult<String> mintForOwner(Permissions requested, long seconds, String tokenId) {
    Life life = new Life.Seconds(seconds);
    return mint(KeyAuthenticator.SESSION, SealedToken.Kind.DISPOSABLE, life, tokenId, requested)
        .map(Minted::key);
  }

  private Optional<CallResult<Minted>> admit(Identity caller) {
    if (!caller.mayControl()) {
      return Optional.of(
          refuse(CallError.denied("this credential has no permission to mint tokens")));
    }
    // Only calls that can mint count: other callers cannot use up the account's rate.
    return rate.admit() ? Optional.empty() : Optional.of(refuse(tooManyOperations()));
  }

  private CallResult<Minted> mint(
      Identity caller, SealedToken.Kind kind, Life life, String tokenId, Permissions requested) {
    long seconds;
    switch (life) {
      case Life.Unsaid() -> {
        return refuse(CallError.invalid("the expiry is missing"));
      }
      case Life.Never() -> seconds = 0;
      case Life.Seconds(long wanted) -> {
        if (wanted == 0) {
          return refuse(CallError.invalid("valid_for_seconds must be positive"));
        }
        if (kind == SealedToken.Kind.DISPOSABLE && wanted > MAX_DISPOSABLE_SECONDS) {
          return refuse(
              CallError.invalid("valid_for_seconds is more than " + MAX_DISPOSABLE_SECONDS));
        }
        seconds = wanted;
      }
    }
    if (tokenId.length() > MAX_TOKEN_ID_LENGTH) {
      return refuse(
          CallError.invalid("token_id is longer than " + MAX_TOKEN_ID_LENGTH + " characters"));
    }
    switch (RequestedPermissions.parse(requested)) {
      case RequestedPermissions.Malformed(String reason) -> {
        return refuse(CallError.invalid(reason));
      }
      case RequestedPermissions.SuperUser() -> {
        if (kind == SealedToken.Kind.DISPOSABLE) {
          return refuse(CallError.invalid("a disposable token cannot be a super-user"));
        }
        if (!caller.mayMintSuperUser()) {
          return refuse(CallError.denied("only a session credential can mint a super-user key"));
        }
      }
      case RequestedPermissions.Explicit _ -> {}
    }
    return issue(
        SealedToken.newBuilder()
            .setKind(kind)
            .setLife((int) seconds)
            .setTokenId(tokenId)
            .setPermissions(requested)
            .build());
  }

  /** Returns a new pair with the lifetime of the old one, counted from now. */
  CallResult<Minted> refresh(String apiKey, String refreshToken) {
    return switch (authenticator.identify(apiKey)) {
      case KeyAuthenticator.Unknown(String reason) -> refuse(CallError.unauthenticated(reason));
      case KeyAuthenticator.Known _ -> refreshKnown(apiKey, refreshToken);
    };
  }

  private CallResult<Minted> refreshKnown(String apiKey, String refreshToken) {
    Optional<SealedToken> key = seal.open(apiKey);
    Optional<SealedToken> refresh = seal.open(refreshToken);
    if (key.isEmpty()
        || refresh.isEmpty()
        || refresh.get().getKind() != SealedToken.Kind.REFRESH
        || !refresh.get().getSerial().equals(key.get().getSerial())) {
      return refuse(CallError.unauthenticated("the refresh token does not belong to this key"));
    }
    return rate.admit() ? issue(key.get()) : refuse(tooManyOperations());
  }

  private CallResult<Minted> issue(SealedToken model) {
    byte[] serial = new byte[12];
    random.nextBytes(serial);
    long seconds = Integer.toUnsignedLong(model.getLife());
    Instant expiresAt = clock.instant().plusSeconds(seconds);
    SealedToken contents =
        model.toBuilder()
            .setSerial(ByteString.copyFrom(serial))
            .setExpiresAt(seconds == 0 ? 0 : expiresAt.toEpochMilli())
            .build();
    Optional<String> key = seal.seal(contents);
    Optional<String> refreshToken =
        seal.seal(
            SealedToken.newBuilder()
                .setKind(SealedToken.Kind.REFRESH)
                .setSerial(contents.getSerial())
                .build());
    if (key.isEmpty() || refreshToken.isEmpty()) {
      return refuse(
          CallError.invalid(
              "the names in the permissions are too long: the token would exceed "
                  + LocalTokenSeal.MAX_LENGTH
                  + " characters"));
    }
    // Rounded down: a client must never consider an expired token valid.
    long validUntil = seconds == 0 ? 0 : expiresAt.getEpochSecond();
    return new CallResult.Reply<>(new Minted(key.get(), refreshToken.get(), validUntil));
  }

  private static CallError tooManyOperations() {
    return CallError.exhausted(
        "too many auth operations in one second", "operations_rate_limit_exceeded");
  }

  private static CallResult<Minted> refuse(CallError refusal) {
    return new CallResult.Refused<>(refusal);
  }
}
