package tokenvending.application;

import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tokenvending.audit.AuditSink;
import tokenvending.audit.BoundedAuditSink;
import tokenvending.audit.RecentEvents;
import tokenvending.authentication.JwksSource;
import tokenvending.authentication.JwtRules;
import tokenvending.authentication.KeySetLocation;
import tokenvending.block.BlockList;
import tokenvending.budget.BudgetQueue;
import tokenvending.budget.CallWindow;
import tokenvending.budget.CircuitBreaker;
import tokenvending.budget.FairBudget;
import tokenvending.configuration.SecretReference;
import tokenvending.identity.Authenticator;
import tokenvending.limits.Limits;
import tokenvending.limits.RejectionLimits;
import tokenvending.momento.MomentoTokenService;
import tokenvending.momento.RotatingApiKey;
import tokenvending.reuse.ReusingTokenIssuer;
import tokenvending.state.SharedState;

/**
 * The long-lived parts of a running application, one field each. {@link Wiring} creates them; a
 * changed configuration creates another record, which shares the unchanged parts.
 *
 * @param audit writes audit events
 * @param boundedAudit writes to {@code audit}, with limits for rejected requests
 * @param recentEvents the latest audit events, for the playground
 * @param shared the state shared between instances; empty with {@code state: memory}
 * @param blocks the list of blocked callers; empty if the file has none
 * @param calls this process's calls that count against the rate budget
 * @param queue the budget queue
 * @param apiKey the API key in use
 * @param momento the connection to the token service
 * @param issuer the decorators around {@code momento}
 * @param limits per caller and per address
 * @param rejections limits the rejected requests of one client
 * @param methods the authentication methods, in the order of the file
 */
record Parts(
    AuditSink audit,
    BoundedAuditSink boundedAudit,
    RecentEvents recentEvents,
    Optional<SharedState> shared,
    Optional<BlockList> blocks,
    CallWindow calls,
    BudgetQueue queue,
    FairBudget budget,
    CircuitBreaker breaker,
    RotatingApiKey apiKey,
    MomentoTokenService momento,
    ReusingTokenIssuer issuer,
    Limits limits,
    RejectionLimits rejections,
    List<Method> methods) {
  private static final Logger LOG = LoggerFactory.getLogger(Parts.class);

  Parts {
    methods = List.copyOf(methods);
  }

  /** One authentication method. */
  sealed interface Method {
    Authenticator authenticator();

    /** A method without state between requests. */
    record Stateless(Authenticator authenticator) implements Method {}

    /** Passwords of a users file. */
    record Passwords(SecretReference reference, ReloadingUsers users, Authenticator authenticator)
        implements Method {}

    /**
     * JWTs of one issuer.
     *
     * @param required as in {@link IssuerReadiness}
     */
    record Tokens(
        JwtRules rules, KeySet keySet, Optional<Boolean> required, Authenticator authenticator)
        implements Method {}
  }

  /** An issuer's keys and their location. */
  record KeySet(URI issuer, KeySetLocation location, JwksSource keys) {}

  /** Returns the key sets of all methods; one that several methods use is repeated. */
  List<KeySet> keySets() {
    List<KeySet> keySets = new ArrayList<>();
    for (Method method : methods) {
      switch (method) {
        case Method.Stateless stateless -> {}
        case Method.Passwords passwords -> {}
        case Method.Tokens tokens -> keySets.add(tokens.keySet());
      }
    }
    return keySets;
  }

  /** Closes every part that needs it, in reverse order of dependency. */
  void close() {
    close(List.of());
  }

  /** Closes the parts that another record does not share. */
  void closeAllBut(Parts other) {
    close(other.closeable());
  }

  private void close(Collection<AutoCloseable> kept) {
    for (AutoCloseable part : closeable()) {
      if (!kept.contains(part)) {
        try {
          part.close();
        } catch (Exception e) {
          LOG.atWarn()
              .addKeyValue("part", part.getClass().getSimpleName())
              .addKeyValue("fault", e.getClass().getName())
              .log("a part could not be closed");
        }
      }
    }
  }

  /** Returns each part once, in reverse order of dependency. */
  private SequencedSet<AutoCloseable> closeable() {
    SequencedSet<AutoCloseable> parts = new LinkedHashSet<>();
    parts.add(momento);
    shared.ifPresent(parts::add);
    keySets().forEach(keySet -> parts.add(keySet.keys()));
    if (audit instanceof AutoCloseable open) {
      parts.add(open);
    }
    return parts;
  }
}
