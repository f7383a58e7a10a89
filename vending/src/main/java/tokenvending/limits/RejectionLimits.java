package tokenvending.limits;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tokenvending.identity.ClientAddress;
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

  /** How many credentials are known; beyond, the one that was not used for longest is forgotten. */
  static final int MOST_KNOWN = 20_000;

  private final AddressRateLimiter withoutCredential;
  private final AddressRateLimiter withUnknownCredential;
  private final RateLimiter<Digest> byCredential;
  private final LongSupplier nanoTime;
  private final String salt;

  /** When each was last authenticated. Guarded by itself, in the order of last use. */
  private final LinkedHashMap<Digest, Long> known = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * Limits that have seen nothing.
   *
   * @param rate of one client
   * @param nanoTime a clock that never steps, such as {@link System#nanoTime}
   * @param random salts the digests by which credentials are held; a secure one
   */
  public RejectionLimits(Rate rate, LongSupplier nanoTime, RandomGenerator random) {
    this.withoutCredential = new AddressRateLimiter(rate, CAPACITY, nanoTime);
    this.withUnknownCredential = new AddressRateLimiter(rate, CAPACITY, nanoTime);
    this.byCredential = new RateLimiter<>(rate, MOST_KNOWN, nanoTime);
    this.nanoTime = nanoTime;
    this.salt = random.nextLong() + " " + random.nextLong();
  }

  /** How long until a request may be looked at; zero when it may now. */
  public Duration waitFor(ClientAddress from, PresentedCredential credential) {
    if (credential instanceof PresentedCredential.None) {
      return withoutCredential.waitFor(from);
    }
    Optional<Digest> good = digest(credential).filter(this::isKnown);
    return good.isPresent()
        ? byCredential.waitFor(good.get())
        : withUnknownCredential.waitFor(from);
  }

  /** Counts a rejected request. */
  public void rejected(ClientAddress from, PresentedCredential credential) {
    if (credential instanceof PresentedCredential.None) {
      withoutCredential.count(from);
      return;
    }
    Optional<Digest> good = digest(credential).filter(this::isKnown);
    if (good.isPresent()) {
      byCredential.count(good.get());
    } else {
      withUnknownCredential.count(from);
    }
  }

  /** The credential was authenticated. */
  public void authenticated(PresentedCredential credential) {
    digest(credential)
        .ifPresent(
            good -> {
              synchronized (known) {
                var _ = known.put(good, nanoTime.getAsLong());
                if (known.size() > MOST_KNOWN) {
                  var _ = known.pollFirstEntry();
                }
              }
            });
  }

  /** The credential was not authenticated, whatever it was before. */
  public void unauthenticated(PresentedCredential credential) {
    digest(credential)
        .ifPresent(
            bad -> {
              synchronized (known) {
                var _ = known.remove(bad);
              }
            });
  }

  private boolean isKnown(Digest digest) {
    synchronized (known) {
      @Nullable Long at = known.get(digest);
      return at != null && nanoTime.getAsLong() - at < KNOWN_FOR.toNanos();
    }
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
