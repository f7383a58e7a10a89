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
import tokenvending.api.VendParser.Parsed.Malformed;
import tokenvending.api.VendParser.Parsed.Understood;
import tokenvending.identity.Attempt;
import tokenvending.issuing.VendedToken;
import tokenvending.policy.Grant;
import tokenvending.policy.TokenId;
import tokenvending.request.DeclaredParameters;
import tokenvending.text.JsonObject;
import tokenvending.vending.Recorder;
import tokenvending.vending.Refusal;
import tokenvending.vending.TokenVendingMachine;
import tokenvending.vending.VendOutcome;
import tokenvending.vending.VendOutcome.Vended;

/** {@code GET /} and {@code POST /}: a token, or a refusal. */
public final class VendEndpoint {
  /**
   * In seconds: who holds a short-lived token has so long, where half its life is longer, to put
   * the next one in its place.
   */
  private static final long TIME_TO_CHANGE = 5;

  private static final List<Field> JSON = List.of(new Field("content-type", "application/json"));

  private static final Logger LOG = LoggerFactory.getLogger(VendEndpoint.class);

  private final TokenVendingMachine machine;
  private final Recorder recorder;
  private final VendParser parser;
  private final Answers answers;
  private final Optional<String> webEndpoint;
  private final InstantSource clock;
  private final RandomGenerator random;

  /**
   * An endpoint over one machine.
   *
   * @param webEndpoint where browsers reach the token's services, when that is not what the token
   *     says
   * @param random spreads the times at which callers come back
   */
  public VendEndpoint(
      TokenVendingMachine machine,
      Recorder recorder,
      DeclaredParameters parameters,
      Optional<URI> webEndpoint,
      InstantSource clock,
      RandomGenerator random) {
    this.machine = machine;
    this.recorder = recorder;
    Json json = new Json();
    this.parser = new VendParser(parameters, json);
    this.answers = new Answers(json, random);
    this.webEndpoint = webEndpoint.map(URI::toString);
    this.clock = clock;
    this.random = random;
  }

  ApiResponse handle(ApiRequest request, String requestId) {
    Attempt attempt = new Attempt(requestId, request.from(), request.at());
    return switch (parser.parse(request)) {
      case Malformed(Problem problem, String reason) -> refuse(attempt, problem, reason);
      case Understood understood ->
          switch (vend(understood, attempt)) {
            case Vended(Grant grant, VendedToken token) -> released(token, grant);
            case Refusal refusal -> answers.refused(refusal, requestId);
          };
    };
  }

  /**
   * Puts on record, and answers, what was addressed to this endpoint but cannot be a vend request.
   */
  ApiResponse refuse(Attempt attempt, Problem problem, String reason) {
    return switch (recorder.refused(attempt, new Refusal.Malformed(reason))) {
      case Refusal.Malformed recorded -> answers.problem(problem, attempt.requestId(), List.of());
      case Refusal other -> answers.refused(other, attempt.requestId());
      case Vended vended -> throw new IllegalStateException("a refusal became a token");
    };
  }

  private VendOutcome vend(Understood understood, Attempt attempt) {
    try {
      return machine.vend(understood.credential(), understood.request(), attempt);
    } catch (RuntimeException e) {
      // The message and the causes may hold what the caller sent; the stack says where to look.
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
    byte[] body =
        new JsonObject(token.token().length() + 512)
            .text("authToken", token.token().reveal())
            .number("expiresAt", expiresAt)
            .number("expiresIn", expiresAt - now.getEpochSecond())
            .number("refreshAfter", refreshAfter(now, token.expiresAt(), grant.ttl()))
            .number("serverTime", now.getEpochSecond())
            .text("endpoint", token.endpoint())
            .text("tokenId", token.tokenId().map(TokenId::value))
            .texts("permissions", grant.permissions().texts())
            .text("webEndpoint", webEndpoint)
            .utf8();
    return new ApiResponse(200, JSON, Body.of(body));
  }

  /**
   * Between half and nine tenths of the token's life, so that a crowd does not come back at once;
   * epoch seconds. Counted from when it was minted, and after the half, up to which it may have
   * been handed out again: who comes then gets another one.
   */
  private long refreshAfter(Instant now, Instant expiresAt, Duration ttl) {
    long end = expiresAt.getEpochSecond();
    long earliest = Math.max(now.getEpochSecond(), end - ttl.toSeconds() / 2 + 1);
    long latest = Math.max(earliest, end - Math.max(ttl.toSeconds() / 10, TIME_TO_CHANGE));
    return Math.min(end, earliest + random.nextLong(latest - earliest + 1));
  }
}
