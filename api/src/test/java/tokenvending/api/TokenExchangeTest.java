package tokenvending.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tokenvending.audit.AuditEvent;
import tokenvending.audit.RejectedRequests;
import tokenvending.identity.Authentication;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.AuthenticationResult.LoginThrottled;
import tokenvending.identity.Principal;
import tokenvending.limits.Limits;
import tokenvending.limits.Rate;
import tokenvending.limits.RejectionLimits;
import tokenvending.permission.PermissionSet;
import tokenvending.policy.AuthenticationMethod;
import tokenvending.policy.Compilation;
import tokenvending.policy.ConditionDocument;
import tokenvending.policy.Grant;
import tokenvending.policy.Policy;
import tokenvending.policy.PolicyDocument;
import tokenvending.request.VendRequest;
import tokenvending.testing.AnonymousAuthenticator;
import tokenvending.testing.Attempts;
import tokenvending.testing.FakeTokenAuthenticator;
import tokenvending.testing.ListAuditSink;
import tokenvending.testing.Policies;
import tokenvending.testing.RecordingTokenIssuer;
import tokenvending.testing.SettableClock;
import tokenvending.testing.Triples;
import tokenvending.text.Json;
import tokenvending.vending.Denials;
import tokenvending.vending.Recorder;
import tokenvending.vending.TokenVendingMachine;

@Tag("T26")
final class TokenExchangeTest {
  private static final String TYPE = "urn:ietf:params:oauth:token-type:";
  private static final String PAGE = "https://chat.example.com";
  private static final Principal ANN =
      Principal.verified(Triples.X, "ann", Set.of(), Map.of(), Optional.empty());
  private static final PolicyDocument DOCUMENT =
      Policies.document(
          List.of(new AuthenticationMethod.Issuer(Triples.X), new AuthenticationMethod.Open()),
          List.of(),
          Policies.rule(
              "all",
              ConditionDocument.everyone(),
              Policies.read("chat", "k"),
              Policies.subscribe("chat", "room-1")));

  private final SettableClock clock = SettableClock.at(Triples.NOW);
  private final RecordingTokenIssuer issuer = new RecordingTokenIssuer(clock);
  private final ListAuditSink audit = new ListAuditSink();

  private Api api(PolicyDocument document, Principal caller) {
    return api(document, caller, new Rate(Rate.HIGHEST, Duration.ofSeconds(1)));
  }

  private Api api(PolicyDocument document, Principal caller, Rate rejections) {
    Recorder recorder = new Recorder(audit);
    Random random = new Random(1);
    RejectionLimits ample = new RejectionLimits(rejections, () -> 0L, random);
    VendEndpoint vend =
        new VendEndpoint(
            new TokenVendingMachine(
                new Authentication(
                    List.of(
                        new FakeTokenAuthenticator(
                            Map.of(
                                "jwt", new AuthenticationResult.Authenticated(caller),
                                "slow", new LoginThrottled(Duration.ofSeconds(7)))),
                        new AnonymousAuthenticator())),
                Denials.none(),
                Policies.compiled(document),
                Limits.none(),
                issuer,
                recorder,
                clock),
            recorder,
            ample,
            Optional.empty(),
            document.parameters(),
            Optional.empty(),
            clock,
            random);
    return Api.of(
            vend,
            new RejectedRequests(audit, ample),
            () -> true,
            new Origins.Listed(Set.of(PAGE), false),
            clock,
            random)
        .with(
            new TokenExchange(
                URI.create("https://tokens.example.com"), document.parameters(), vend, clock));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }

  private static Map<String, String> form() {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
    form.put("subject_token", "jwt");
    form.put("subject_token_type", TYPE + "jwt");
    return form;
  }

  private ApiResponse post(Api api, String body, Map<String, List<String>> more) {
    return send(api, "POST", "", body, more);
  }

  private ApiResponse send(
      Api api, String method, String query, String body, Map<String, List<String>> more) {
    Map<String, List<String>> headers = new LinkedHashMap<>(more);
    headers.putIfAbsent("content-type", List.of("application/x-www-form-urlencoded"));
    return api.handle(
        new ApiRequest(
            method,
            "/token",
            new Query.Encoded(query),
            headers,
            Body.of(body.getBytes(UTF_8)),
            Attempts.address("192.0.2.1"),
            clock.instant()));
  }

  private ApiResponse post(Api api, Map<String, String> form) {
    return post(api, body(form), Map.of());
  }

  private static String body(Map<String, String> form) {
    return form.entrySet().stream()
        .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
        .collect(Collectors.joining("&"));
  }

  private static Json.Members json(ApiResponse response) {
    return Json.object(response.body().bytes()).orElseThrow();
  }

  private void assertRefused(ApiResponse response, String error) {
    assertThat(json(response).text("error")).contains(error);
    assertThat(response.status()).isEqualTo(400);
    assertThat(response.headers()).contains(new Field("cache-control", "no-store"));
    assertThat(issuer.grants()).isEmpty();
    assertThat(audit.events()).singleElement().matches(AuditEvent::exchanged);
    assertThat(text(response) + audit.events()).doesNotContain("subject_token=");
  }

  private static String text(ApiResponse response) {
    return new String(response.body().bytes(), UTF_8) + response.headers();
  }

  @Test
  void a_jwt_is_exchanged_for_all_that_the_policy_grants() {
    ApiResponse response = post(api(DOCUMENT, ANN), form());

    assertThat(response.status()).isEqualTo(200);
    Json.Members json = json(response);
    assertThat(json.text("issued_token_type")).contains(TYPE + "access_token");
    assertThat(json.text("token_type")).contains("Bearer");
    assertThat(json.text("access_token")).isPresent();
    assertThat(json.text("scope"))
        .contains("ReadOnly+cache%3Dchat+key%3Dk SubscribeOnly+cache%3Dchat+topic%3Droom-1");
    assertThat(issuer.grants()).hasSize(1);
    assertThat(audit.onlyEvent().exchanged()).isTrue();
    assertThat(response.headers())
        .contains(new Field("cache-control", "no-store"), new Field("pragma", "no-cache"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "scope | SubscribeOnly+cache=chat+topic=room-1",
        "scope | SubscribeOnly+cache%3Dchat+topic%3Droom-1",
        "authorization_details | [{\"type\":\"momento_permission\",\"permission\":\"SubscribeOnly"
            + " cache=chat topic=room-1\"}]"
      })
  void scope_and_details_narrow_the_token(String name, String value) {
    Map<String, String> form = form();
    form.put(name, value);

    assertThat(post(api(DOCUMENT, ANN), form).status()).isEqualTo(200);
    assertThat(issuer.grants())
        .singleElement()
        .extracting(grant -> grant.permissions().texts())
        .isEqualTo(List.of("SubscribeOnly cache=chat topic=room-1"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "absent",
      value = {
        "grant_type | absent | invalid_request",
        "grant_type | client_credentials | unsupported_grant_type",
        "subject_token | absent | invalid_request",
        "subject_token | '' | invalid_request",
        "subject_token | other | invalid_request",
        "subject_token_type | absent | invalid_request",
        "subject_token_type | urn:ietf:params:oauth:token-type:saml2 | invalid_request",
        "requested_token_type | urn:ietf:params:oauth:token-type:refresh_token | invalid_request",
        "actor_token | jwt | invalid_request",
        "actor_token_type | urn:ietf:params:oauth:token-type:jwt | invalid_request",
        "audience | other | invalid_target",
        "resource | https://momento.example.com | invalid_target",
        "permission | ReadOnly cache=chat | invalid_request",
        "ttl | 900h | invalid_request",
        "scope | '' | invalid_scope",
        "scope | ReadWrite+cache=chat | invalid_scope",
        "scope | ReadOnly+cache=all | invalid_scope",
        "scope | ReadOnly | invalid_scope",
        "scope | ReadOnly+cache=chat+key=k&ReadWrite+cache=chat | invalid_scope",
        "authorization_details | [] | invalid_authorization_details",
        "authorization_details | {} | invalid_authorization_details",
        "authorization_details | '[],\"x\":[]' | invalid_authorization_details",
        "authorization_details | [{\"type\":\"other\",\"permission\":\"ReadOnly cache=chat"
            + " key=k\"}] | invalid_authorization_details",
        "authorization_details | [{\"type\":\"momento_permission\"}] |"
            + " invalid_authorization_details",
      })
  void what_is_not_understood_or_too_much_is_an_error_of_the_standards(
      String name, String value, String error) {
    Map<String, String> form = form();
    if (value == null) {
      form.remove(name);
    } else {
      form.put(name, value);
    }
    assertRefused(post(api(DOCUMENT, ANN), form), error);
  }

  @Test
  void a_second_credential_is_rejected() {
    assertRefused(
        post(api(DOCUMENT, ANN), body(form()), Map.of("authorization", List.of("Bearer jwt"))),
        "invalid_request");
  }

  @Test
  void a_repeated_parameter_is_rejected() {
    assertRefused(
        post(api(DOCUMENT, ANN), body(form()) + "&scope=a&scope=b", Map.of()), "invalid_request");
  }

  @Test
  void another_content_type_is_rejected() {
    assertRefused(
        post(api(DOCUMENT, ANN), body(form()), Map.of("content-type", List.of("application/json"))),
        "invalid_request");
  }

  @Test
  void scope_and_details_together_are_rejected() {
    Map<String, String> form = form();
    form.put("scope", "ReadOnly+cache=chat+key=k");
    form.put("authorization_details", "[]");
    assertRefused(post(api(DOCUMENT, ANN), form), "invalid_request");
  }

  @Test
  void a_body_that_is_too_large_is_rejected() {
    Map<String, String> form = form();
    form.put("client_id", "a".repeat(Body.LIMIT));
    assertRefused(post(api(DOCUMENT, ANN), form), "invalid_request");
  }

  @Test
  void a_body_that_is_not_ascii_is_rejected() {
    assertRefused(
        post(api(DOCUMENT, ANN), body(form()) + "&client_id=\u00e9", Map.of()), "invalid_request");
  }

  @Test
  void a_token_in_the_query_is_rejected_and_not_repeated() {
    String form = body(form()).replace("=jwt", "=query-secret");
    ApiResponse response = send(api(DOCUMENT, ANN), "POST", form, body(form()), Map.of());
    assertRefused(response, "invalid_request");
    assertThat(text(response) + audit.events()).doesNotContain("query-secret");
  }

  @Test
  void an_error_repeats_nothing_of_the_request() {
    for (String name : List.of("subject_token", "grant_type", "scope", "audience", "unknown")) {
      Map<String, String> form = form();
      form.put("subject_token", "other-secret");
      form.put(name, "other-secret");
      ApiResponse response = post(api(DOCUMENT, ANN), form);
      assertThat(response.status()).isEqualTo(400);
      assertThat(text(response) + audit.events()).doesNotContain("other-secret");
    }
  }

  @Test
  void an_unknown_parameter_is_ignored_and_gives_nothing() {
    Map<String, String> form = form();
    form.put("client_id", "someone");
    form.put("groups", "admins");
    assertThat(post(api(DOCUMENT, ANN), form).status()).isEqualTo(200);
    assertThat(issuer.grants())
        .singleElement()
        .extracting(grant -> grant.permissions().texts().size())
        .isEqualTo(2);
  }

  @Test
  void another_method_vends_nothing() {
    for (String method : List.of("GET", "HEAD", "PUT")) {
      ApiResponse response = send(api(DOCUMENT, ANN), method, body(form()), "", Map.of());
      assertThat(response.status()).isEqualTo(405);
      assertThat(response.headers()).contains(new Field("allow", "POST, OPTIONS"));
    }
    assertThat(issuer.grants()).isEmpty();
  }

  @Test
  void rejected_exchanges_count_for_the_limit_of_the_address() {
    Api api = api(DOCUMENT, ANN, new Rate(2, Duration.ofMinutes(1)));
    Map<String, String> form = form();
    form.put("subject_token", "other");
    assertThat(post(api, form).status()).isEqualTo(400);
    assertThat(post(api, form).status()).isEqualTo(400);
    ApiResponse third = post(api, form);
    assertThat(third.status()).isEqualTo(429);
    assertThat(third.headers()).extracting(Field::name).contains("retry-after");
    assertThat(json(third).text("error")).contains("temporarily_unavailable");
  }

  @Test
  void a_throttled_sign_in_is_rejected_with_retry_after() {
    Map<String, String> form = form();
    form.put("subject_token", "slow");
    ApiResponse response = post(api(DOCUMENT, ANN), form);
    assertThat(response.status()).isEqualTo(429);
    assertThat(response.headers()).contains(new Field("retry-after", "7"));
    assertThat(issuer.grants()).isEmpty();
  }

  @Test
  void only_pages_of_an_allowed_origin_can_read_the_response() {
    for (String origin : List.of(PAGE, "https://attacker.example")) {
      Map<String, List<String>> headers = Map.of("origin", List.of(origin));
      for (ApiResponse response :
          List.of(
              post(api(DOCUMENT, ANN), body(form()), headers),
              send(api(DOCUMENT, ANN), "OPTIONS", "", "", headers))) {
        assertThat(response.headers().contains(new Field("access-control-allow-origin", PAGE)))
            .isEqualTo(origin.equals(PAGE));
      }
    }
  }

  @Test
  void metadata_names_the_endpoint() {
    ApiResponse response =
        api(DOCUMENT, ANN)
            .handle(
                new ApiRequest(
                    "GET",
                    "/.well-known/oauth-authorization-server",
                    new Query.Encoded(""),
                    Map.of(),
                    Body.empty(),
                    Attempts.address("192.0.2.1"),
                    clock.instant()));
    assertThat(response.status()).isEqualTo(200);
    assertThat(json(response).text("issuer")).contains("https://tokens.example.com");
    assertThat(json(response).text("token_endpoint")).contains("https://tokens.example.com/token");
  }

  @Test
  @Tag("I1")
  void no_scope_gives_more_than_none() {
    long seed = Long.getLong("seed", 20_261_130L);
    Random random = new Random(seed);
    Triples generated = new Triples(random, List.of(new AuthenticationMethod.Issuer(Triples.X)));
    int narrowed = 0;
    for (int i = 0; i < 3_000; i++) {
      PolicyDocument document = generated.document();
      if (!(Policy.compile(document) instanceof Compilation.Compiled)) {
        continue;
      }
      Principal caller = generated.caller(document);
      VendRequest request = generated.request(document, caller);
      if (request.narrower().isEmpty()) {
        continue;
      }
      Map<String, String> form = form();
      request.parameters().forEach(form::putIfAbsent);
      Optional<PermissionSet> all = granted(document, caller, form);
      List<String> texts = request.narrower().get().texts();
      if (i % 2 == 0) {
        form.put(
            "scope",
            texts.stream().map(TokenExchangeTest::encoded).collect(Collectors.joining(" ")));
      } else {
        form.put("authorization_details", details(texts));
      }
      Optional<PermissionSet> some = granted(document, caller, form);
      if (some.isPresent()) {
        narrowed++;
        assertThat(all).as("seed %d, case %d", seed, i).isPresent();
        assertThat(all.get().covers(some.get())).as("seed %d, case %d", seed, i).isTrue();
        assertThat(some.get().texts()).containsExactlyInAnyOrderElementsOf(texts);
      }
    }
    assertThat(narrowed).isGreaterThan(30);
  }

  private static String details(List<String> texts) {
    return texts.stream()
        .map(
            text ->
                "{\"type\":\"momento_permission\",\"permission\":\"%s\"}"
                    .formatted(text.replace("\\", "\\\\").replace("\"", "\\\"")))
        .collect(Collectors.joining(",", "[", "]"));
  }

  private Optional<PermissionSet> granted(
      PolicyDocument document, Principal caller, Map<String, String> form) {
    int before = issuer.grants().size();
    int status = post(api(document, caller), form).status();
    List<Grant> grants = issuer.grants();
    assertThat(grants).hasSize(before + (status == 200 ? 1 : 0));
    return status == 200 ? Optional.of(grants.getLast().permissions()) : Optional.empty();
  }
}
