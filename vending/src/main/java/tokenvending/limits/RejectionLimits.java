package tokenvending.limits;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Network;
import tokenvending.identity.PresentedCredential;
import tokenvending.text.Digest;

/**
 * Limits how many rejected requests (400, 401, 403, 404, 405 and their like) one client can cause:
 * beyond the rate, its next requests are rejected before anything is read or verified. Held in this
 * process. Thread-safe.
 *
 * <p>So that callers behind one address do not suffer from each other, there are three counts: of
 * an address without a credential, of an address with credentials that are not known to be good,
 * and of a credential that was authenticated within the last hour. A caller with a good credential
 * is only affected by its own rejections, except when its credential is new here.
 */
public final class RejectionLimits {
  /** Default: {@code 300/m}. */
  public static final Rate DEFAULT = new Rate(300, Duration.ofMinutes(1));

  /** How long a credential is known to be good after it was authenticated. */
  static final Duration KNOWN_FOR = Duration.ofHours(1);

  /** How many networks each count holds. */
  private static final int CAPACITY = 100_000;

  /**
   * How many credentials are known; beyond, the one whose authentication is longest ago is
   * forgotten.
   */
  static final int MOST_KNOWN = 20_000;

  private final RateLimiter<Network> withoutCredential;
  private final RateLimiter<Network> withUnknownCredential;
  private final RateLimiter<Digest> byCredential;
  private final RecentKeys<Digest> known;
  private final String salt;

  /**
   * Limits that have seen nothing.
   *
   * @param rate of one client
   * @param nanoTime a clock that never steps, such as {@link System#nanoTime}
   * @param random salts the digests by which credentials are held; a secure one
   */
  public RejectionLimits(Rate rate, LongSupplier nanoTime, RandomGenerator random) {
    this.withoutCredential = RateLimiter.ofNetworks(rate, CAPACITY, nanoTime);
    this.withUnknownCredential = RateLimiter.ofNetworks(rate, CAPACITY, nanoTime);
    this.byCredential = new RateLimiter<>(rate, MOST_KNOWN, nanoTime);
    this.known = new RecentKeys<>(nanoTime, KNOWN_FOR, MOST_KNOWN);
    this.salt = random.nextLong() + " " + random.nextLong();
  }

  /** How long until a request may be looked at; zero when it may now. */
  public Duration waitFor(ClientAddress from, PresentedCredential credential) {
    List<Digest> good = known(credential);
    return good.isEmpty()
        ? limiter(credential).waitFor(from.networks())
        : byCredential.waitFor(good);
  }

  /** Counts a rejected request. */
  public void rejected(ClientAddress from, PresentedCredential credential) {
    List<Digest> good = known(credential);
    if (good.isEmpty()) {
      limiter(credential).count(from.networks());
    } else {
      byCredential.count(good);
    }
  }

  /** The credential was authenticated. */
  public void authenticated(PresentedCredential credential) {
    digest(credential).ifPresent(known::put);
  }

  /** The credential was not authenticated, whatever it was before. */
  public void unauthenticated(PresentedCredential credential) {
    digest(credential).ifPresent(known::remove);
  }

  private RateLimiter<Network> limiter(PresentedCredential credential) {
    return credential instanceof PresentedCredential.None
        ? withoutCredential
        : withUnknownCredential;
  }

  /** The digest of a credential that is known to be good, or nothing. */
  private List<Digest> known(PresentedCredential credential) {
    return digest(credential).filter(known::contains).stream().toList();
  }

  /** Empty for what can never be good. */
  private Optional<Digest> digest(PresentedCredential credential) {
    return switch (credential) {
      case PresentedCredential.None() -> Optional.empty();
      case PresentedCredential.Unreadable() -> Optional.empty();
      case PresentedCredential.BearerToken(var token) ->
          Optional.of(Digest.of(salt, "bearer", token.sha256()));
      case PresentedCredential.UserPassword(var user, var password) ->
          // The salt is in no other place, so nothing can be guessed from what is held.
          Optional.of(Digest.of(salt, "password", user, password.sha256()));
    };
  }
}
