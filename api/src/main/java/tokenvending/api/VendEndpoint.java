package tokenvending.api;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tokenvending.api.VendParser.Parsed;
import tokenvending.api.VendParser.Parsed.Malformed;
import tokenvending.api.VendParser.Parsed.Understood;
import tokenvending.identity.Attempt;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.PresentedCredential;
import tokenvending.issuing.VendedToken;
import tokenvending.limits.Admission.Scope;
import tokenvending.limits.RejectionLimits;
import tokenvending.policy.Grant;
import tokenvending.policy.TokenId;
import tokenvending.request.DeclaredParameters;
import tokenvending.text.JsonObject;
import tokenvending.vending.Recorder;
import tokenvending.vending.Refusal;
import tokenvending.vending.TokenVendingMachine;
import tokenvending.vending.VendOutcome;
import tokenvending.vending.VendOutcome.Vended;

/** {@code GET /} and {@code POST /}: vends a token, or rejects the request. */
public final class VendEndpoint {
  /**
   * The seconds that a token's holder has to replace a short-lived token, if half of its lifetime
   * is longer.
   */
  private static final long TIME_TO_CHANGE = 5;

  private static final Logger LOG = LoggerFactory.getLogger(VendEndpoint.class);

  private final TokenVendingMachine machine;
  private final Recorder recorder;
  private final RejectionLimits limits;
  private final Optional<PolicyExplainer> explaining;
  private final VendParser parser;
  private final ProblemResponses answers;
  private final Optional<String> webEndpoint;
  private final InstantSource clock;
  private final RandomGenerator random;

  /**
   * An endpoint for one machine.
   *
   * @param limits how many rejected requests one client can cause
   * @param explaining adds reasons to rejections in local use; absent otherwise
   * @param webEndpoint where browsers reach the token's services, if it differs from the token's
   *     own endpoint
   * @param random spreads the times at which callers renew and return
   */
  public VendEndpoint(
      TokenVendingMachine machine,
      Recorder recorder,
      RejectionLimits limits,
      Optional<PolicyExplainer> explaining,
      DeclaredParameters parameters,
      Optional<URI> webEndpoint,
      InstantSource clock,
      RandomGenerator random) {
    this.machine = machine;
    this.recorder = recorder;
    this.limits = limits;
    this.explaining = explaining;
    this.parser = new VendParser(parameters);
    this.answers = new ProblemResponses(random);
    this.webEndpoint = webEndpoint.map(URI::toString);
    this.clock = clock;
    this.random = random;
  }

  ApiResponse handle(ApiRequest request, String requestId) {
    Attempt attempt = new Attempt(requestId, TraceId.of(request), request.from(), request.at());
    PresentedCredential credential =
        Credentials.of(request).orElseGet(PresentedCredential.Unreadable::new);
    Optional<VendOutcome> throttled = throttled(attempt, credential);
    if (throttled.isPresent()) {
      return answer(throttled.get(), attempt);
    }
    Parsed parsed = parser.parse(request);
    VendOutcome outcome = run(attempt, credential, parsed);
    return switch (parsed) {
      case Malformed malformed when outcome instanceof Refusal.Malformed ->
          answers.problem(malformed.problem(), detail(malformed), requestId, List.of());
      case Understood understood
          when explaining.isPresent() && outcome instanceof Refusal.NotPermitted ->
          explained(explaining.get(), understood, attempt);
      default -> answer(outcome, attempt);
    };
  }

  /** Rejects a request whose client has caused too many rejections, before it is parsed. */
  Optional<VendOutcome> throttled(Attempt attempt, PresentedCredential credential) {
    Duration wait = limits.waitFor(attempt.from(), credential);
    return wait.isPositive()
        ? Optional.of(recorder.refused(attempt, new Refusal.Throttled(Scope.ADDRESS_LIMIT, wait)))
        : Optional.empty();
  }

  /** Vends for a request that was parsed from any form, or rejects it; audited and counted. */
  VendOutcome run(Attempt attempt, PresentedCredential credential, Parsed parsed) {
    return switch (parsed) {
      case Malformed malformed -> {
        limits.rejected(attempt.from(), credential);
        yield recorder.refused(attempt, new Refusal.Malformed(malformed.reason()));
      }
      case Understood understood -> {
        VendOutcome outcome = vend(understood, attempt);
        count(outcome, attempt.from(), credential);
        yield outcome;
      }
    };
  }

  private ApiResponse answer(VendOutcome outcome, Attempt attempt) {
    return switch (outcome) {
      case Vended(Grant grant, VendedToken token) -> released(token, grant);
      case Refusal refusal -> answers.refused(refusal, attempt.requestId());
    };
  }

  /** Counts the outcome for the client and its credential. */
  private void count(VendOutcome outcome, ClientAddress from, PresentedCredential credential) {
    switch (outcome) {
      case Vended vended -> limits.authenticated(credential);
      case Refusal.Throttled throttled -> limits.authenticated(credential);
      case Refusal.TokenServiceUnavailable unavailable -> limits.authenticated(credential);
      case Refusal.TokenServiceFault fault -> limits.authenticated(credential);
      case Refusal.NotPermitted denied -> {
        limits.authenticated(credential);
        limits.rejected(from, credential);
      }
      case Refusal.Denied denied -> {
        limits.authenticated(credential);
        limits.rejected(from, credential);
      }
      case Refusal.Unauthenticated unauthenticated -> {
        limits.unauthenticated(credential);
        limits.rejected(from, credential);
      }
      case Refusal.Malformed malformed -> limits.rejected(from, credential);
      case Refusal.LoginThrottled tooFast -> {}
      case Refusal.AuthenticationUnavailable unavailable -> limits.rejected(from, credential);
      case Refusal.NotAudited notRecorded -> {}
      case Refusal.Internal internal -> {}
    }
  }

  private ApiResponse explained(PolicyExplainer why, Understood denied, Attempt attempt) {
    return answers.problem(
        Problem.NOT_PERMITTED,
        LocalReason.denied(why.explain(denied.credential(), denied.request(), attempt)),
        attempt.requestId(),
        List.of());
  }

  private String detail(Malformed malformed) {
    return explaining.isPresent()
        ? LocalReason.malformed(malformed.why())
        : malformed.problem().detail();
  }

  private VendOutcome vend(Understood understood, Attempt attempt) {
    try {
      return machine.vend(understood.credential(), understood.request(), attempt);
    } catch (RuntimeException e) {
      // Message and causes can contain input of the caller; the stack trace shows the location.
      LOG.atError()
          .addKeyValue("requestId", attempt.requestId())
          .addKeyValue("fault", e.getClass().getName())
          .addKeyValue("at", e.getStackTrace().length > 0 ? e.getStackTrace()[0] : "unknown")
          .log("vend failed unexpectedly");
      return recorder.refused(attempt, new Refusal.Internal());
    }
  }

  private ApiResponse released(VendedToken token, Grant grant) {
    Instant now = clock.instant();
    long expiresAt = token.expiresAt().getEpochSecond();
    JsonObject json =
        new JsonObject(token.token().length() + 512)
            .text("authToken", token.token().reveal())
            .number("expiresAt", expiresAt)
            .number("expiresIn", expiresAt - now.getEpochSecond())
            .number("refreshAfter", refreshAfter(now, token.expiresAt(), grant.ttl()))
            .number("serverTime", now.getEpochSecond())
            .text("endpoint", token.endpoint())
            .text("tokenId", token.tokenId().map(TokenId::value))
            .texts("permissions", grant.permissions().texts())
            .text("webEndpoint", webEndpoint);
    return ApiResponse.json(200, json);
  }

  /**
   * Returns when to renew a token, in epoch seconds: at a random time between half and nine tenths
   * of its lifetime, so that callers do not renew together. The time is after the half because up
   * to then the token can be reused, and a renewal would return the same one.
   */
  private long refreshAfter(Instant now, Instant expiresAt, Duration ttl) {
    long end = expiresAt.getEpochSecond();
    long earliest = Math.max(now.getEpochSecond(), end - ttl.toSeconds() / 2 + 1);
    long latest = Math.max(earliest, end - Math.max(ttl.toSeconds() / 10, TIME_TO_CHANGE));
    return Math.min(end, earliest + random.nextLong(latest - earliest + 1));
  }
}
