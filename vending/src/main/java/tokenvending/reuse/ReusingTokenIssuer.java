package tokenvending.reuse;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tokenvending.identity.Attempt;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.issuing.IssueResult.Issued;
import tokenvending.issuing.IssueResult.Unavailable;
import tokenvending.issuing.TokenIssuer;
import tokenvending.issuing.VendedToken;
import tokenvending.policy.Grant;
import tokenvending.state.SealedEntries;

/**
 * Returns a cached token if the policy allows it: to callers with the same grant, and under {@code
 * reuse: caller} only to the same authenticated caller. A token is reused while at least half of
 * its lifetime is left, within the caller's session, and only if it was minted with the API key in
 * use. Concurrent callers for the same token share one call and its result; a failure is not
 * cached.
 */
public final class ReusingTokenIssuer implements TokenIssuer {
  private static final Duration AFTER_GONE = Duration.ofSeconds(1);

  private final TokenIssuer issuer;
  private final Supplier<Optional<TokenSeal>> seal;
  private final String policyVersion;
  private final Optional<SealedEntries> shared;
  private final InstantSource clock;

  private final TokenCache cached = new TokenCache();
  private final MintsInProgress<Call> inProgress = new MintsInProgress<>();

  /** Calls under different API keys are separate calls. */
  private record Call(ReuseKey key, TokenSeal seal) {}

  /**
   * Starts with an empty cache.
   *
   * @param seal of the API key in use; nothing is reused while it is absent
   * @param policyVersion the fingerprint of the policy of these grants; tokens of other policies
   *     are never found
   * @param shared the store that other instances use, if any
   */
  public ReusingTokenIssuer(
      TokenIssuer issuer,
      Supplier<Optional<TokenSeal>> seal,
      String policyVersion,
      Optional<SealedEntries> shared,
      InstantSource clock) {
    this.issuer = issuer;
    this.seal = seal;
    this.policyVersion = policyVersion;
    this.shared = shared;
    this.clock = clock;
  }

  @Override
  public IssueResult issue(Grant grant, Attempt attempt) {
    Optional<ReuseKey> key = ReuseKey.of(grant);
    Optional<TokenSeal> current = key.isPresent() ? seal.get() : Optional.empty();
    if (key.isEmpty() || current.isEmpty()) {
      return issuer.issue(grant, attempt);
    }
    Issued found = find(key.get(), current.get(), grant);
    return found != null ? found : mintTogether(key.get(), current.get(), grant, attempt);
  }

  private @Nullable Issued find(ReuseKey key, TokenSeal current, Grant grant) {
    TokenCache.Entry entry = cached.find(key);
    return entry != null && entry.seal() == current && isGoodFor(grant, entry.again().token())
        ? entry.again()
        : null;
  }

  private boolean isGoodFor(Grant grant, VendedToken token) {
    Instant now = clock.instant();
    Duration left = Duration.between(now, token.expiresAt());
    return left.compareTo(grant.ttl().dividedBy(2)) >= 0
        && (grant.notAfter().isEmpty() || !token.expiresAt().isAfter(grant.notAfter().get()));
  }

  private IssueResult mintTogether(ReuseKey key, TokenSeal current, Grant grant, Attempt attempt) {
    Optional<IssueResult> result =
        inProgress.await(new Call(key, current), () -> obtain(key, current, grant, attempt));
    if (result.isEmpty()) {
      return new Unavailable(Cause.CALLER_DISCONNECTED, AFTER_GONE);
    }
    // A token can outlive the session of a caller other than the one it was minted for.
    return result.get() instanceof Issued(VendedToken token, boolean reused)
            && grant.notAfter().isPresent()
            && token.expiresAt().isAfter(grant.notAfter().get())
        ? issuer.issue(grant, attempt)
        : result.get();
  }

  /** Obtains a token, on the thread of the shared call. */
  private IssueResult obtain(ReuseKey key, TokenSeal current, Grant grant, Attempt attempt) {
    Issued found = find(key, current, grant);
    if (found != null) {
      return found;
    }
    byte[] context = shared.isPresent() ? key.encoded(policyVersion) : new byte[0];
    Optional<VendedToken> stored =
        shared
            .flatMap(entries -> entries.find(current.name(context)))
            .flatMap(bytes -> current.open(bytes, context))
            .flatMap(plain -> StoredToken.read(plain, grant))
            .filter(token -> isGoodFor(grant, token));
    if (stored.isPresent()) {
      return cached.add(key, stored.get(), current, clock.instant(), grant.ttl());
    }
    IssueResult result = issuer.issue(grant, attempt);
    if (result instanceof Issued(VendedToken token, boolean reused)) {
      Instant now = clock.instant();
      cached.add(key, token, current, now, grant.ttl());
      Duration life = Duration.between(now, token.expiresAt()).minus(grant.ttl().dividedBy(2));
      if (shared.isPresent() && life.isPositive()) {
        shared
            .get()
            .put(current.name(context), current.seal(StoredToken.write(token), context), life);
      }
    }
    return result;
  }

  /** Returns the number of cached tokens. */
  public int size() {
    return cached.size();
  }
}
