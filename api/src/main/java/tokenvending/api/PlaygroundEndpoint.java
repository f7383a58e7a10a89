package tokenvending.api;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import tokenvending.api.PolicyExplainer.Explained;
import tokenvending.api.VendParser.Parsed.Malformed;
import tokenvending.api.VendParser.Parsed.Understood;
import tokenvending.audit.AuditEvent;
import tokenvending.audit.RecentEvents;
import tokenvending.identity.Attempt;
import tokenvending.policy.Decision;
import tokenvending.policy.Explanation;
import tokenvending.policy.Grant;
import tokenvending.policy.TokenId;
import tokenvending.request.DeclaredParameters;
import tokenvending.text.JsonObject;

/**
 * The endpoints of the playground: explained decisions, and recent audit events. They exist only in
 * local use, and only for pages of the same origin.
 */
public final class PlaygroundEndpoint {
  /**
   * The header that describes a caller in the form of a query: {@code sub=ann&groups=moderators}.
   */
  static final String EXPLAIN_AS = "explain-as";

  private final PolicyExplainer explaining;
  private final RecentEvents recent;
  private final VendParser parser;
  private final ProblemResponses answers;
  private final InstantSource clock;

  /** An endpoint for one policy. */
  public PlaygroundEndpoint(
      PolicyExplainer explaining,
      RecentEvents recent,
      DeclaredParameters parameters,
      InstantSource clock,
      RandomGenerator random) {
    this.explaining = explaining;
    this.recent = recent;
    this.parser = new VendParser(parameters);
    this.answers = new ProblemResponses(random);
    this.clock = clock;
  }

  /** Explains the decision about a request in the form of the vend endpoint. */
  ApiResponse explain(ApiRequest request, String requestId) {
    return refused(request, requestId).orElseGet(() -> explained(request, requestId));
  }

  /** Answers {@code ?after=N} with the audit events from number N on, oldest first. */
  ApiResponse events(ApiRequest request, String requestId) {
    return refused(request, requestId).orElseGet(() -> recorded(request, requestId));
  }

  private Optional<ApiResponse> refused(ApiRequest request, String requestId) {
    if (!isFromHere(request)) {
      return Optional.of(answers.problem(Problem.NOT_PERMITTED, requestId, List.of()));
    }
    return request.method().equals("GET")
        ? Optional.empty()
        : Optional.of(
            answers.problem(
                Problem.METHOD_NOT_ALLOWED, requestId, List.of(new Field("allow", "GET"))));
  }

  /**
   * Whether a page of this origin sent the request. Browsers report it in Fetch Metadata or {@code
   * Origin}; a request with neither is rejected. The server has already checked that {@code Host}
   * is a name of this machine.
   */
  private static boolean isFromHere(ApiRequest request) {
    List<String> site = request.header("sec-fetch-site");
    List<String> origin = request.header("origin");
    List<String> host =
        request.header(request.headers().containsKey("host") ? "host" : ":authority");
    boolean saysSo = !site.isEmpty() || !origin.isEmpty();
    boolean same = site.isEmpty() || site.equals(List.of("same-origin"));
    boolean own =
        origin.isEmpty()
            || (origin.size() == 1
                && host.size() == 1
                && origin.getFirst().equals("http://" + host.getFirst()));
    return saysSo && same && own;
  }

  private ApiResponse explained(ApiRequest request, String requestId) {
    return switch (parser.parse(request)) {
      // The author of the file can see the reason of the audit event.
      case Malformed(Problem problem, String reason, String why) ->
          ApiResponse.json(
              200, new JsonObject().text("decision", "malformed").text("reason", words(reason)));
      case Understood understood -> explained(understood, request, requestId);
    };
  }

  private ApiResponse explained(Understood understood, ApiRequest request, String requestId) {
    Attempt attempt = new Attempt(requestId, request.from(), clock.instant());
    List<String> imagined = request.header(EXPLAIN_AS);
    if (imagined.isEmpty()) {
      return answer(explaining.explain(understood.credential(), understood.request(), attempt));
    }
    Optional<Map<String, List<String>>> claims =
        imagined.size() == 1 ? claims(imagined.getFirst()) : Optional.empty();
    return claims
        .map(described -> answer(explaining.explain(described, understood.request(), attempt)))
        .orElseGet(() -> answers.problem(Problem.MALFORMED, requestId, List.of()));
  }

  private static Optional<Map<String, List<String>>> claims(String text) {
    return new Query.Encoded(text)
        .decoded()
        .map(
            fields -> {
              Map<String, List<String>> claims = new LinkedHashMap<>();
              for (Field field : fields) {
                claims.computeIfAbsent(field.name(), n -> new ArrayList<>()).add(field.value());
              }
              return claims;
            });
  }

  private ApiResponse answer(Explained explained) {
    JsonObject json = new JsonObject();
    switch (explained) {
      case Explained.NotAuthenticated(String why) ->
          json.text("decision", "unauthenticated").text("reason", why);
      case Explained.Decided(var caller, List<String> rules, Explanation explanation) -> {
        JsonObject described = new JsonObject();
        if (caller.subject().isPresent()) {
          described.text("issuer", caller.issuer()).text("subject", caller.subject());
        }
        json.object("caller", described.texts("groups", caller.groups().stream().sorted().toList()))
            .objects("rules", rules(rules, explanation));
        decision(json, explanation.decision());
      }
    }
    return ApiResponse.json(200, json);
  }

  private static List<JsonObject> rules(List<String> rules, Explanation explanation) {
    List<JsonObject> verdicts = new ArrayList<>();
    for (Explanation.RuleVerdict verdict : explanation.verdicts()) {
      String word = verdict.matched() ? "matches" : "does not match";
      verdicts.add(verdict(verdict.rule(), word, verdict.why()));
    }
    for (String rule : rules.subList(explanation.verdicts().size(), rules.size())) {
      verdicts.add(verdict(rule, "not evaluated", "an earlier rule matched"));
    }
    return verdicts;
  }

  private static JsonObject verdict(String rule, String verdict, String why) {
    return new JsonObject().text("rule", rule).text("verdict", verdict).text("why", why);
  }

  private static void decision(JsonObject json, Decision decision) {
    switch (decision) {
      case Decision.Granted(Grant grant) ->
          json.text("decision", "granted")
              .text("rule", grant.rule())
              .texts("permissions", grant.permissions().texts())
              .number("ttl", grant.ttl().toSeconds())
              .text("tokenId", grant.tokenId().map(TokenId::value))
              .text("reuse", grant.reuse().word());
      case Decision.Denied(String rule, Decision.Reason reason) ->
          json.text("decision", "denied")
              .text("rule", Optional.of(rule).filter(id -> !id.isEmpty()))
              .text("reason", words(reason.name()));
    }
  }

  private ApiResponse recorded(ApiRequest request, String requestId) {
    Optional<Long> after = request.query().decoded().flatMap(PlaygroundEndpoint::after);
    if (after.isEmpty()) {
      return answers.problem(Problem.MALFORMED, requestId, List.of());
    }
    RecentEvents.Stretch stretch = recent.from(after.get());
    return ApiResponse.json(
        200,
        new JsonObject()
            .number("next", stretch.next())
            .objects("events", stretch.events().stream().map(PlaygroundEndpoint::event).toList()));
  }

  private static Optional<Long> after(List<Field> query) {
    if (query.isEmpty()) {
      return Optional.of(0L);
    }
    Field field = query.getFirst();
    // Eighteen digits fit into a long, and are more than there will be events.
    return query.size() == 1 && field.name().equals("after") && field.value().matches("[0-9]{1,18}")
        ? Optional.of(Long.parseLong(field.value()))
        : Optional.empty();
  }

  private static JsonObject event(AuditEvent event) {
    JsonObject json =
        new JsonObject()
            .number("time", event.time().toEpochMilli())
            .text("requestId", event.requestId())
            .text("outcome", event.outcome())
            .text("reason", event.reason())
            .text("issuer", event.caller().flatMap(AuditEvent.Caller::issuer))
            .text("subject", event.caller().flatMap(AuditEvent.Caller::subject))
            .text("rule", event.rule())
            .text("tokenId", event.tokenId())
            .text("tokenSha256", event.tokenSha256())
            .texts("permissions", event.permissions());
    event.expiresAt().ifPresent(end -> json.number("expiresAt", end.getEpochSecond()));
    return json;
  }

  private static String words(String constant) {
    return constant.toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
