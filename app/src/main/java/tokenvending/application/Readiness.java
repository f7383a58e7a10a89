package tokenvending.application;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tokenvending.application.Parts.KeySet;
import tokenvending.application.Parts.Method;
import tokenvending.budget.FallbackBudgetQueue;
import tokenvending.momento.KeyReading;
import tokenvending.observation.Condition;
import tokenvending.observation.Observer.StateHealth;
import tokenvending.observation.QueueStatus;
import tokenvending.observation.ReloadState.Reload;

/**
 * Computes readiness, and the state for metrics, from the parts of an application.
 *
 * @param policyVersion the fingerprint of the policy in force
 */
record Readiness(Parts parts, String policyVersion) {
  /**
   * The server stays ready during a shorter exhaustion: a burst that is served in order is normal.
   */
  private static final Duration EXHAUSTED_FOR_LONG = Duration.ofSeconds(30);

  /**
   * The server stays ready during shorter rejections of its key, which can be a fault of the
   * service.
   */
  private static final Duration KEY_REFUSED_FOR_LONG = Duration.ofSeconds(30);

  private static final String API_KEY_REJECTED =
      "Momento has rejected the API key in every call for 30 s or longer (API_KEY_REJECTED)";

  /** Returns a sentence for the operator about why no token can be vended; empty if one can. */
  Optional<String> notReadyReason() {
    Optional<String> unaudited = parts.audit().problem();
    if (unaudited.isPresent()) {
      return unaudited;
    }
    if (parts.apiKey().current() instanceof KeyReading.Unusable(String problem)) {
      return Optional.of(problem);
    }
    if (parts.apiKey().refusedFor().compareTo(KEY_REFUSED_FOR_LONG) >= 0) {
      return Optional.of(API_KEY_REJECTED);
    }
    Duration exhausted = parts.budget().exhaustedFor();
    if (exhausted.compareTo(EXHAUSTED_FOR_LONG) > 0) {
      return Optional.of("no caller was served for " + exhausted.toSeconds() + " s: no budget");
    }
    List<IssuerReadiness> issuers = new ArrayList<>();
    for (Method method : parts.methods()) {
      switch (method) {
        case Method.Stateless stateless -> {}
        case Method.Passwords passwords -> {
          Optional<String> notReadyReason = passwords.users().notReadyReason();
          if (notReadyReason.isPresent()) {
            return notReadyReason;
          }
        }
        case Method.Tokens(var rules, KeySet keySet, var required, var authenticator) ->
            issuers.add(new IssuerReadiness(keySet.issuer(), required, keySet.keys().problem()));
      }
    }
    return IssuerReadiness.reason(issuers);
  }

  /** Returns the current state. Queries the store for its queue, so it can block for a moment. */
  Condition condition() {
    Optional<QueueStatus> status = parts.budget().status();
    return new Condition(
        notReadyReason().isEmpty(),
        parts.audit().problem().isEmpty(),
        status,
        !parts.breaker().openFor().isZero(),
        parts.queue() instanceof FallbackBudgetQueue shared
            ? Optional.of(health(shared, status))
            : Optional.empty(),
        keySets(),
        policyVersion,
        reloads());
  }

  /** Returns the state of each input that is reloaded. */
  List<Reload> reloads() {
    List<Reload> reloads = new ArrayList<>();
    parts.apiKey().reload().ifPresent(reloads::add);
    parts.methods().stream()
        .flatMap(
            method ->
                method instanceof Method.Passwords passwords
                    ? Stream.of(passwords.users().reload())
                    : Stream.empty())
        .findFirst()
        .ifPresent(reloads::add);
    return reloads;
  }

  /** Returns the health of the store. Before its first use the queue does not know it. */
  private static StateHealth health(FallbackBudgetQueue queue, Optional<QueueStatus> status) {
    return queue.isUnavailable() || status.isEmpty()
        ? StateHealth.UNAVAILABLE
        : StateHealth.REACHABLE;
  }

  /** Returns one key set for each issuer; of several, the older. */
  private List<Condition.KeySet> keySets() {
    Map<String, Optional<Duration>> ages = new LinkedHashMap<>();
    for (KeySet keySet : parts.keySets()) {
      ages.merge(keySet.issuer().toString(), keySet.keys().age(), Readiness::older);
    }
    return ages.entrySet().stream()
        .map(issuer -> new Condition.KeySet(issuer.getKey(), issuer.getValue()))
        .toList();
  }

  private static Optional<Duration> older(Optional<Duration> one, Optional<Duration> other) {
    return one.flatMap(a -> other.map(b -> a.compareTo(b) > 0 ? a : b));
  }
}
