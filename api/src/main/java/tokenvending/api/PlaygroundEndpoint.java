package tokenvending.api;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
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
import tokenvending.request.DeclaredParameters;

/**
 * What the playground asks beside a token: why a decision came out as it did, and what was put on
 * record of late. For the author of the file at his own machine, so only in local use, and only for
 * a page of this very origin.
 */
public final class PlaygroundEndpoint {
  /** Imagines a caller, in the form of a query: {@code sub=ann&groups=moderators}. */
  static final String EXPLAIN_AS = "explain-as";

  private final PolicyExplainer explaining;
  private final RecentEvents recent;
  private final VendParser parser;
  private final ApiJson json = new ApiJson();
  private final ProblemResponses answers;
  private final InstantSource clock;

  /** An endpoint over one policy. */
  public PlaygroundEndpoint(
      PolicyExplainer explaining,
      RecentEvents recent,
      DeclaredParameters parameters,
      InstantSource clock,
      RandomGenerator random) {
    this.explaining = explaining;
    this.recent = recent;
    this.parser = new VendParser(parameters, json);
    this.answers = new ProblemResponses(json, random);
    this.clock = clock;
  }

  /** Takes the same request as the vend endpoint does, and explains it. */
  ApiResponse explain(ApiRequest request, String requestId) {
    return refused(request, requestId).orElseGet(() -> explained(request, requestId));
  }

  /** Answers {@code ?after=N} with the records from number N on, oldest first. */
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
   * Whether a page of this origin asks. A browser says so, by Fetch Metadata or by {@code Origin};
   * where nobody says anything the answer is no. That {@code Host} is a name of this machine has
   * been seen to by the server.
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
      // The author may know what a caller may not: which word the record has for it.
      case Malformed(Problem problem, String reason, String why) ->
          document(
              out -> {
                out.writeStringField("decision", "malformed");
                out.writeStringField("reason", words(reason));
              });
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
    return document(
        out -> {
          switch (explained) {
            case Explained.NotLetIn(String why) -> {
              out.writeStringField("decision", "not-let-in");
              out.writeStringField("reason", why);
            }
            case Explained.Decided(var caller, List<String> rules, Explanation explanation) -> {
              out.writeObjectFieldStart("caller");
              if (caller.subject().isPresent()) {
                out.writeStringField("issuer", caller.issuer());
                out.writeStringField("subject", caller.subject().get());
              }
              texts(out, "groups", caller.groups().stream().sorted().toList());
              out.writeEndObject();
              rules(out, rules, explanation);
              decision(out, explanation.decision());
            }
          }
        });
  }

  private static void rules(JsonGenerator out, List<String> rules, Explanation explanation)
      throws IOException {
    out.writeArrayFieldStart("rules");
    for (Explanation.RuleVerdict verdict : explanation.verdicts()) {
      out.writeStartObject();
      out.writeStringField("rule", verdict.rule());
      out.writeStringField("verdict", verdict.matched() ? "matches" : "does not match");
      out.writeStringField("why", verdict.why());
      out.writeEndObject();
    }
    for (String rule : rules.subList(explanation.verdicts().size(), rules.size())) {
      out.writeStartObject();
      out.writeStringField("rule", rule);
      out.writeStringField("verdict", "not looked at");
      out.writeStringField("why", "an earlier rule matched");
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void decision(JsonGenerator out, Decision decision) throws IOException {
    switch (decision) {
      case Decision.Granted(Grant grant) -> {
        out.writeStringField("decision", "granted");
        out.writeStringField("rule", grant.rule());
        texts(out, "permissions", grant.permissions().texts());
        out.writeNumberField("ttl", grant.ttl().toSeconds());
        if (grant.tokenId().isPresent()) {
          out.writeStringField("tokenId", grant.tokenId().get().value());
        }
        out.writeStringField("reuse", grant.reuse().word());
      }
      case Decision.Denied(String rule, Decision.Reason reason) -> {
        out.writeStringField("decision", "refused");
        if (!rule.isEmpty()) {
          out.writeStringField("rule", rule);
        }
        out.writeStringField("reason", words(reason.name()));
      }
    }
  }

  private ApiResponse recorded(ApiRequest request, String requestId) {
    Optional<Long> after = request.query().decoded().flatMap(PlaygroundEndpoint::after);
    if (after.isEmpty()) {
      return answers.problem(Problem.MALFORMED, requestId, List.of());
    }
    RecentEvents.Stretch stretch = recent.from(after.get());
    return document(
        out -> {
          out.writeNumberField("next", stretch.next());
          out.writeArrayFieldStart("events");
          for (AuditEvent event : stretch.events()) {
            event(out, event);
          }
          out.writeEndArray();
        });
  }

  private static Optional<Long> after(List<Field> query) {
    if (query.isEmpty()) {
      return Optional.of(0L);
    }
    Field field = query.getFirst();
    // Eighteen digits are a long; more requests than that will not have been.
    return query.size() == 1 && field.name().equals("after") && field.value().matches("[0-9]{1,18}")
        ? Optional.of(Long.parseLong(field.value()))
        : Optional.empty();
  }

  private static void event(JsonGenerator out, AuditEvent event) throws IOException {
    out.writeStartObject();
    out.writeNumberField("time", event.time().toEpochMilli());
    out.writeStringField("requestId", event.requestId());
    out.writeStringField("outcome", event.outcome());
    optional(out, "reason", event.reason());
    optional(out, "issuer", event.caller().flatMap(AuditEvent.Caller::issuer));
    optional(out, "subject", event.caller().flatMap(AuditEvent.Caller::subject));
    optional(out, "rule", event.rule());
    optional(out, "tokenId", event.tokenId());
    optional(out, "tokenSha256", event.tokenSha256());
    texts(out, "permissions", event.permissions());
    if (event.expiresAt().isPresent()) {
      out.writeNumberField("expiresAt", event.expiresAt().get().getEpochSecond());
    }
    out.writeEndObject();
  }

  private static void optional(JsonGenerator out, String name, Optional<String> value)
      throws IOException {
    if (value.isPresent()) {
      out.writeStringField(name, value.get());
    }
  }

  private static void texts(JsonGenerator out, String name, List<String> texts) throws IOException {
    out.writeArrayFieldStart(name);
    for (String text : texts) {
      out.writeString(text);
    }
    out.writeEndArray();
  }

  private static String words(String constant) {
    return constant.toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private ApiResponse document(ApiJson.Members members) {
    return new ApiResponse(
        200, List.of(new Field("content-type", "application/json")), json.object(members));
  }
}
