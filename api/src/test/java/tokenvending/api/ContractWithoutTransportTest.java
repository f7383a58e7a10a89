package tokenvending.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import tokenvending.audit.RejectedRequests;
import tokenvending.identity.Authentication;
import tokenvending.limits.Limits;
import tokenvending.limits.Rate;
import tokenvending.limits.RejectionLimits;
import tokenvending.permission.CacheRole;
import tokenvending.policy.AuthenticationMethod;
import tokenvending.policy.ConditionDocument;
import tokenvending.policy.PermissionDocument;
import tokenvending.policy.PolicyDocument;
import tokenvending.policy.Reuse;
import tokenvending.policy.RuleDocument;
import tokenvending.policy.SelectorDocument;
import tokenvending.request.DeclaredParameters;
import tokenvending.request.Parameter;
import tokenvending.testing.AnonymousAuthenticator;
import tokenvending.testing.Attempts;
import tokenvending.testing.ListAuditSink;
import tokenvending.testing.Policies;
import tokenvending.testing.RecordingTokenIssuer;
import tokenvending.testing.SettableClock;
import tokenvending.testing.contract.ContractExchange;
import tokenvending.testing.contract.HttpContract;
import tokenvending.vending.Denials;
import tokenvending.vending.Recorder;
import tokenvending.vending.TokenVendingMachine;

/** The contract as the routes themselves keep it, with a transport that changes nothing. */
final class ContractWithoutTransportTest implements HttpContract {
  /** What {@link HttpContract#POLICY} says. */
  private static final PolicyDocument DOCUMENT =
      new PolicyDocument(
          List.of(new AuthenticationMethod.Open()),
          new DeclaredParameters(List.of(new Parameter("name", 64, false))),
          Duration.ofMinutes(15),
          false,
          List.of(
              new RuleDocument(
                  "everybody",
                  ConditionDocument.everyone(),
                  Optional.empty(),
                  Optional.of("${request.name}"),
                  Reuse.NEVER,
                  List.of(
                      new PermissionDocument(
                          CacheRole.READ_ONLY,
                          new SelectorDocument.Exact("chat"),
                          new SelectorDocument.All())))));

  private final InstantSource clock = SettableClock.started();
  private final RecordingTokenIssuer issuer = new RecordingTokenIssuer(clock);
  private final Api api = api();

  private Api api() {
    ListAuditSink audit = new ListAuditSink();
    Recorder recorder = new Recorder(audit);
    Random random = new Random(1);
    RejectionLimits ample =
        new RejectionLimits(new Rate(1_000, Duration.ofSeconds(1)), System::nanoTime, random);
    TokenVendingMachine machine =
        new TokenVendingMachine(
            new Authentication(List.of(new AnonymousAuthenticator())),
            Denials.none(),
            Policies.compiled(DOCUMENT),
            Limits.none(),
            issuer,
            recorder,
            clock);
    return Api.of(
        new VendEndpoint(
            machine,
            recorder,
            ample,
            Optional.empty(),
            DOCUMENT.parameters(),
            Optional.empty(),
            clock,
            random),
        new RejectedRequests(audit, ample),
        () -> true,
        new Origins.Listed(Set.of(PAGE), false),
        clock,
        random);
  }

  @Override
  public ContractExchange.Answer send(ContractExchange exchange) {
    String query =
        exchange.query().stream()
            .map(
                field ->
                    URLEncoder.encode(field.getKey(), UTF_8)
                        + "="
                        + URLEncoder.encode(field.getValue(), UTF_8))
            .collect(Collectors.joining("&"));
    Map<String, List<String>> headers = new HashMap<>();
    exchange
        .headers()
        .forEach(
            header ->
                headers
                    .computeIfAbsent(
                        header.getKey().toLowerCase(Locale.ROOT), name -> new ArrayList<>())
                    .add(header.getValue()));
    ApiRequest request =
        new ApiRequest(
            exchange.method(),
            "/",
            new Query.Encoded(query),
            headers,
            Body.of(exchange.body().getBytes(UTF_8)),
            Attempts.address("192.0.2.1"),
            clock.instant());
    ApiResponse response = api.handle(request);
    return new ContractExchange.Answer(
        response.status(),
        response.headers().stream().map(field -> Map.entry(field.name(), field.value())).toList(),
        new String(response.body().bytes(), UTF_8));
  }

  @Override
  public int minted() {
    return issuer.grants().size();
  }
}
