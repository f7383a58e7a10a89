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
 * Limits how many rejected requests (status 400, 401, 403, 404, 405 and similar) one client can
 * cause. Beyond the rate, its requests are rejected before anything is read or verified. Counted in
 * this process. Thread-safe.
 *
 * <p>To protect callers behind one address from each other, there are three counts: requests of an
 * address without a credential, requests of an address with unverified credentials, and requests
 * with a credential that was authenticated within the last hour. A caller with a known credential
 * is limited only by its own rejections.
 */
public final class RejectionLimits {
  /** Default: {@code 300/m}. */
  public static final Rate DEFAULT = new Rate(300, Duration.ofMinutes(1));

  /** How long a credential counts as known after it was authenticated. */
  static final Duration KNOWN_FOR = Duration.ofHours(1);

  /** The most networks that each count stores. */
  private static final int CAPACITY = 100_000;

  /** The most known credentials; beyond that, the one authenticated longest ago is removed. */
  static final int MOST_KNOWN = 20_000;

  private final RateLimiter<Network> withoutCredential;
  private final RateLimiter<Network> withUnknownCredential;
  private final RateLimiter<Digest> byCredential;
  private final RecentKeys<Digest> known;
  private final String salt;

  /**
   * Starts with empty counts.
   *
   * @param rate of one client
   * @param nanoTime a monotonic clock, such as {@link System#nanoTime}
   * @param random salts the digests of stored credentials; must be cryptographically secure
   */
  public RejectionLimits(Rate rate, LongSupplier nanoTime, RandomGenerator random) {
    this.withoutCredential = RateLimiter.ofNetworks(rate, CAPACITY, nanoTime);
    this.withUnknownCredential = RateLimiter.ofNetworks(rate, CAPACITY, nanoTime);
    this.byCredential = new RateLimiter<>(rate, MOST_KNOWN, nanoTime);
    this.known = new RecentKeys<>(nanoTime, KNOWN_FOR, MOST_KNOWN);
    this.salt = random.nextLong() + " " + random.nextLong();
  }

  /** Returns how long a request must wait before it is read; zero if it can be read now. */
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

  /** Records that the credential was authenticated. */
  public void authenticated(PresentedCredential credential) {
    digest(credential).ifPresent(known::put);
  }

  /** Records that the credential was rejected, whatever it was before. */
  public void unauthenticated(PresentedCredential credential) {
    digest(credential).ifPresent(known::remove);
  }

  private RateLimiter<Network> limiter(PresentedCredential credential) {
    return credential instanceof PresentedCredential.None
        ? withoutCredential
        : withUnknownCredential;
  }

  /** Returns the digest of a known credential, otherwise an empty list. */
  private List<Digest> known(PresentedCredential credential) {
    return digest(credential).filter(known::contains).stream().toList();
  }

  /** Returns the digest of a credential; empty for a form that is never valid. */
  private Optional<Digest> digest(PresentedCredential credential) {
    return switch (credential) {
      case PresentedCredential.None() -> Optional.empty();
      case PresentedCredential.Unreadable() -> Optional.empty();
      case PresentedCredential.BearerToken(var token) ->
          Optional.of(Digest.of(salt, "bearer", token.sha256()));
      case PresentedCredential.UserPassword(var user, var password) ->
          // The salt exists only in memory, so the digests cannot be used to guess passwords.
          Optional.of(Digest.of(salt, "password", user, password.sha256()));
    };
  }
}
