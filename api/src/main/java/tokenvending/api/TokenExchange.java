package tokenvending.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLEncoder;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tokenvending.api.VendParser.Parsed;
import tokenvending.identity.Attempt;
import tokenvending.identity.PresentedCredential;
import tokenvending.issuing.VendedToken;
import tokenvending.permission.PermissionText;
import tokenvending.policy.Decision;
import tokenvending.policy.Grant;
import tokenvending.request.DeclaredParameters;
import tokenvending.secret.Secret;
import tokenvending.text.Json;
import tokenvending.text.JsonObject;
import tokenvending.vending.Refusal;
import tokenvending.vending.VendOutcome;
import tokenvending.vending.VendOutcome.Vended;

/**
 * {@code POST /token}: OAuth 2.0 Token Exchange (RFC 8693) of a JWT for a Momento token, and the
 * metadata of RFC 8414. It changes the form only: a request becomes a vend request, and takes the
 * same path.
 */
public final class TokenExchange {
  static final String TOKEN = "/token";
  static final String METADATA = "/.well-known/oauth-authorization-server";

  private static final String GRANT = "urn:ietf:params:oauth:grant-type:token-exchange";
  private static final String TYPE = "urn:ietf:params:oauth:token-type:";

  /** Of {@code authorization_details} (RFC 9396). */
  private static final String DETAILS_TYPE = "momento_permission";

  /** RFC 6749 section 5.1; {@code Cache-Control} is in every response. */
  private static final Field NO_CACHE = new Field("pragma", "no-cache");

  private static final Set<String> SUBJECT_TYPES =
      Set.of(TYPE + "jwt", TYPE + "id_token", TYPE + "access_token");

  /** Parameters of the standards: none of them is a declared one. */
  private static final Set<String> OWN =
      Set.of(
          "grant_type",
          "subject_token",
          "subject_token_type",
          "requested_token_type",
          "actor_token",
          "actor_token_type",
          "audience",
          "resource",
          "scope",
          "authorization_details");

  private final String issuer;
  private final DeclaredParameters declared;
  private final VendParser parser;
  private final VendEndpoint vend;
  private final InstantSource clock;

  /**
   * An endpoint beside the vend endpoint.
   *
   * @param issuer the address of this server as its clients see it, without a path
   */
  public TokenExchange(
      URI issuer, DeclaredParameters declared, VendEndpoint vend, InstantSource clock) {
    this.issuer = issuer.toString().replaceFirst("/$", "");
    this.declared = declared;
    this.parser = new VendParser(declared);
    this.vend = vend;
    this.clock = clock;
  }

  /** An error of the token endpoint: a word of the standards, and a constant sentence. */
  private record Fault(int status, String error, String description, List<Field> headers) {
    static Fault of(String error, String description) {
      return new Fault(400, error, description, List.of());
    }

    static Fault invalid(String description) {
      return of("invalid_request", description);
    }

    static Fault later(int status, Duration wait) {
      return new Fault(
          status,
          "temporarily_unavailable",
          "Retry after the time in Retry-After.",
          ProblemResponses.retryAfter(wait));
    }
  }

  /** A request that is understood, or its fault. */
  private sealed interface Form {
    record Good(Secret subjectToken, Map<String, String> fields, List<String> permissions)
        implements Form {}

    record Bad(Fault fault) implements Form {}

    static Bad bad(String description) {
      return new Bad(Fault.invalid(description));
    }
  }

  ApiResponse metadata() {
    return ApiResponse.json(
        200,
        new JsonObject()
            .text("issuer", issuer)
            .text("token_endpoint", issuer + TOKEN)
            .texts("grant_types_supported", List.of(GRANT))
            .texts("response_types_supported", List.of())
            .texts("token_endpoint_auth_methods_supported", List.of("none"))
            .texts("authorization_details_types_supported", List.of(DETAILS_TYPE)));
  }

  ApiResponse handle(ApiRequest request, String requestId) {
    Attempt attempt =
        new Attempt(requestId, TraceId.of(request), request.from(), request.at(), true);
    Form form = form(request);
    PresentedCredential credential =
        form instanceof Form.Good good
            ? new PresentedCredential.BearerToken(good.subjectToken())
            : new PresentedCredential.Unreadable();
    VendOutcome outcome =
        vend.throttled(attempt, credential)
            .orElseGet(() -> vend.run(attempt, credential, parsed(credential, form)));
    return switch (outcome) {
      case Vended(Grant grant, VendedToken token) -> released(token, grant);
      case Refusal refusal -> refused(fault(refusal, form));
    };
  }

  /** Returns the vend request, as {@code POST /} would have it. */
  private Parsed parsed(PresentedCredential credential, Form form) {
    if (!(form instanceof Form.Good good)) {
      return Parsed.Malformed.of(Problem.MALFORMED, "TOKEN_EXCHANGE_NOT_UNDERSTOOD");
    }
    List<Field> fields = new ArrayList<>();
    good.permissions().forEach(text -> fields.add(new Field("permission", text)));
    good.fields()
        .forEach(
            (name, value) -> {
              // Unknown parameters are ignored (RFC 6749 section 3.2): client_id is one.
              if (name.equals("ttl") || declared.named(name).isPresent()) {
                fields.add(new Field(name, value));
              }
            });
    return parser.understood(credential, fields);
  }

  private static Form form(ApiRequest request) {
    if (!(Credentials.of(request).orElseGet(PresentedCredential.Unreadable::new)
        instanceof PresentedCredential.None)) {
      return Form.bad("Clients do not authenticate: send the subject token only.");
    }
    if (request.body().length() > Body.LIMIT || !isForm(request.header("content-type"))) {
      return Form.bad("Send parameters as application/x-www-form-urlencoded, at most 16 KiB.");
    }
    if (request.query().decoded().filter(List::isEmpty).isEmpty()) {
      return Form.bad("Send parameters in the body.");
    }
    Optional<Map<String, String>> fields = ascii(request.body()).flatMap(TokenExchange::fields);
    return fields.isEmpty()
        ? Form.bad("The body is not a form, or repeats a parameter.")
        : form(fields.get());
  }

  private static Form form(Map<String, String> fields) {
    if (!GRANT.equals(fields.get("grant_type"))) {
      return fields.containsKey("grant_type")
          ? new Form.Bad(
              Fault.of("unsupported_grant_type", "Only a token exchange (RFC 8693) is possible."))
          : Form.bad("grant_type is missing.");
    }
    String subject = fields.getOrDefault("subject_token", "");
    if (subject.isEmpty()
        || !SUBJECT_TYPES.contains(fields.getOrDefault("subject_token_type", ""))) {
      return Form.bad("Send a JWT as subject_token, and its subject_token_type.");
    }
    if (fields.containsKey("actor_token") || fields.containsKey("actor_token_type")) {
      return Form.bad("Delegation is not possible: there must be no actor token.");
    }
    if (!fields
        .getOrDefault("requested_token_type", TYPE + "access_token")
        .equals(TYPE + "access_token")) {
      return Form.bad("Only an access token can be requested.");
    }
    if (fields.containsKey("resource")
        || !fields.getOrDefault("audience", "momento").equals("momento")) {
      return new Form.Bad(Fault.of("invalid_target", "The only audience is momento."));
    }
    return permissions(Secret.of(subject), fields);
  }

  private static Form permissions(Secret subject, Map<String, String> fields) {
    if (fields.containsKey("permission")
        || (fields.containsKey("scope") && fields.containsKey("authorization_details"))) {
      return Form.bad("Narrow the token by either scope or authorization_details.");
    }
    Map<String, String> others = new LinkedHashMap<>(fields);
    others.keySet().removeAll(OWN);
    if (fields.containsKey("scope")) {
      Optional<List<String>> scopes = scopes(fields.get("scope"));
      return scopes
          .<Form>map(texts -> new Form.Good(subject, others, texts))
          .orElseGet(() -> new Form.Bad(Fault.of("invalid_scope", "A scope is not a permission.")));
    }
    if (fields.containsKey("authorization_details")) {
      Optional<List<String>> details = details(fields.get("authorization_details"));
      return details
          .<Form>map(texts -> new Form.Good(subject, others, texts))
          .orElseGet(
              () ->
                  new Form.Bad(
                      Fault.of(
                          "invalid_authorization_details",
                          "Expected a list of objects with type momento_permission.")));
    }
    return new Form.Good(subject, others, List.of());
  }

  /**
   * Returns the permissions of a scope: each of its words is one in its text form, encoded as in a
   * form, so that {@code +} is a space. Empty for no words, since that must not mean everything.
   */
  private static Optional<List<String>> scopes(String scope) {
    List<String> texts = new ArrayList<>();
    for (String word : scope.split(" ", -1)) {
      Optional<List<Field>> decoded = new Query.Encoded("=" + word).decoded();
      if (word.isEmpty() || word.contains("&") || decoded.isEmpty()) {
        return Optional.empty();
      }
      texts.add(decoded.get().getFirst().value());
    }
    return areAllPermissions(texts) ? Optional.of(texts) : Optional.empty();
  }

  private static Optional<List<String>> details(String written) {
    // The only list that the strict reader reads is inside an object.
    Optional<Json> list =
        Json.object("{\"list\":" + written + "}")
            .filter(object -> object.values().size() == 1)
            .flatMap(object -> object.find("list"));
    if (list.isEmpty()
        || !(list.get() instanceof Json.Items(List<Json> items))
        || items.isEmpty()) {
      return Optional.empty();
    }
    List<String> texts = new ArrayList<>();
    for (Json item : items) {
      if (!(item instanceof Json.Members members)
          || members.values().size() != 2
          || !members.text("type").equals(Optional.of(DETAILS_TYPE))
          || members.text("permission").isEmpty()) {
        return Optional.empty();
      }
      texts.add(members.text("permission").get());
    }
    return areAllPermissions(texts) ? Optional.of(texts) : Optional.empty();
  }

  private static boolean areAllPermissions(List<String> texts) {
    return texts.stream().allMatch(text -> PermissionText.parse(text).isPresent());
  }

  private static boolean isForm(List<String> contentType) {
    return contentType.size() == 1
        && contentType
            .getFirst()
            .toLowerCase(Locale.ROOT)
            .matches("application/x-www-form-urlencoded *(; *charset=\"?utf-8\"?)?");
  }

  private static Optional<String> ascii(Body body) {
    String text = new String(body.bytes(), ISO_8859_1);
    return text.chars().allMatch(c -> c < 0x80) ? Optional.of(text) : Optional.empty();
  }

  private static Optional<Map<String, String>> fields(String text) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (Field field : new Query.Encoded(text).decoded().orElse(List.of(new Field("", "")))) {
      if (field.name().isEmpty() || fields.put(field.name(), field.value()) != null) {
        return Optional.empty();
      }
    }
    return Optional.of(fields);
  }

  private ApiResponse released(VendedToken token, Grant grant) {
    JsonObject json =
        new JsonObject(token.token().length() + 512)
            .text("access_token", token.token().reveal())
            .text("issued_token_type", TYPE + "access_token")
            .text("token_type", "Bearer")
            .number(
                "expires_in", token.expiresAt().getEpochSecond() - clock.instant().getEpochSecond())
            .text(
                "scope",
                grant.permissions().texts().stream()
                    .map(text -> URLEncoder.encode(text, UTF_8))
                    .collect(Collectors.joining(" ")))
            .text("endpoint", token.endpoint());
    return ApiResponse.json(200, json).with(List.of(NO_CACHE));
  }

  private static Fault fault(Refusal refusal, Form form) {
    return switch (refusal) {
      case Refusal.Malformed malformed ->
          form instanceof Form.Bad(Fault fault)
              ? fault
              : Fault.invalid("A declared parameter is missing or invalid.");
      // RFC 8693 section 2.2.2: a subject token that is invalid or not acceptable by policy.
      case Refusal.Unauthenticated unauthenticated ->
          Fault.invalid("The subject token is not valid.");
      case Refusal.NotPermitted(var rule, Decision.Reason reason)
          when reason == Decision.Reason.MORE_THAN_GRANTED ->
          Fault.of("invalid_scope", "The policy does not grant that much.");
      case Refusal.NotPermitted denied -> Fault.invalid("The policy does not allow this request.");
      case Refusal.Denied denied -> Fault.invalid("The policy does not allow this request.");
      case Refusal.LoginThrottled(Duration wait) -> Fault.later(429, wait);
      case Refusal.Throttled(var scope, Duration wait) -> Fault.later(429, wait);
      case Refusal.AuthenticationUnavailable(Duration wait) -> Fault.later(503, wait);
      case Refusal.TokenServiceUnavailable(var cause, Duration wait) -> Fault.later(503, wait);
      case Refusal.NotAudited unaudited -> Fault.later(503, Duration.ofSeconds(2));
      case Refusal.TokenServiceFault fault ->
          new Fault(502, "server_error", "The token service returned an error.", List.of());
      case Refusal.Internal internal ->
          new Fault(500, "server_error", "An internal error occurred.", List.of());
    };
  }

  private static ApiResponse refused(Fault fault) {
    List<Field> headers = new ArrayList<>(fault.headers());
    headers.add(NO_CACHE);
    headers.add(new Field("content-type", "application/json"));
    JsonObject json =
        new JsonObject()
            .text("error", fault.error())
            .text("error_description", fault.description());
    return new ApiResponse(fault.status(), headers, Body.of(json.utf8()));
  }
}
