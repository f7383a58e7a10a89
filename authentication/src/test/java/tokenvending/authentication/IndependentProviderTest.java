package tokenvending.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import no.nav.security.mock.oauth2.token.DefaultOAuth2TokenCallback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.authentication.JwtRules.OidcRules;
import tokenvending.identity.Attempt;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.AuthenticationResult.Authenticated;
import tokenvending.identity.AuthenticationResult.Reason;
import tokenvending.identity.AuthenticationResult.Unauthenticated;
import tokenvending.identity.Claim;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Principal;
import tokenvending.text.Json;

/** Tokens, keys and discovery document of a provider that we did not write, over its socket. */
final class IndependentProviderTest {
  private final MockOAuth2Server provider = new MockOAuth2Server();
  private final InstantSource clock = Clock.systemUTC();

  @BeforeEach
  void start() {
    provider.start(InetAddress.getLoopbackAddress(), 0);
  }

  @AfterEach
  void stop() {
    provider.shutdown();
  }

  @Test
  void token_of_the_token_endpoint_is_accepted_by_discovery() throws Exception {
    try (JwksSource keys = discovered("acme")) {
      Principal principal =
          accepted(authenticator("acme", "chat-web", keys), tokenFor("acme", "chat-web"));
      assertThat(principal.issuer()).isEqualTo(issuer("acme"));
      assertThat(principal.subject()).isPresent();
      assertThat(principal.sessionEnd().orElseThrow()).isAfter(clock.instant());
    }
  }

  @Test
  void claims_and_groups_are_read() {
    String token =
        provider
            .issueToken(
                "acme",
                "a-client",
                new DefaultOAuth2TokenCallback(
                    "acme",
                    "ann",
                    "JWT",
                    List.of("chat-web"),
                    Map.of("groups", List.of("moderators"), "tenant", "blue", "level", 7),
                    3600))
            .serialize();
    try (JwksSource keys = discovered("acme")) {
      Principal principal = accepted(authenticator("acme", "chat-web", keys), token);
      assertThat(principal.subject()).contains("ann");
      assertThat(principal.groups()).containsExactly("moderators");
      assertThat(principal.claim("tenant")).contains(new Claim.One("blue"));
      assertThat(principal.claim("level")).contains(new Claim.One("7"));
    }
  }

  @Test
  @Tag("T2")
  void T2_token_of_another_issuer_of_the_same_provider_is_not_recognised() throws Exception {
    try (JwksSource keys = discovered("acme")) {
      String token = tokenFor("other", "chat-web");
      assertThat(
              authenticator("acme", "chat-web", keys).authenticate(Issuer.bearer(token), attempt()))
          .isEmpty();
      assertThat(accepted(authenticator("acme", "chat-web", keys), tokenFor("acme", "chat-web")))
          .isNotNull();
    }
  }

  @Test
  @Tag("T2")
  void T2_token_for_another_audience_is_refused() throws Exception {
    try (JwksSource keys = discovered("acme")) {
      AuthenticationResult result =
          authenticator("acme", "chat-web", keys)
              .authenticate(Issuer.bearer(tokenFor("acme", "chat-admin")), attempt())
              .orElseThrow();
      assertThat(result).isInstanceOf(Unauthenticated.class);
      assertThat(((Unauthenticated) result).reason()).isEqualTo(Reason.WRONG_AUDIENCE);
    }
  }

  private JwksSource discovered(String issuer) {
    return new JwksSource(
        new KeySetLocation.Discovered(issuer(issuer)),
        System::nanoTime,
        clock,
        SettableClock.ENOUGH);
  }

  private JwtAuthenticator authenticator(String issuer, String audience, JwksSource keys) {
    return new JwtAuthenticator(
        new OidcRules(issuer(issuer), List.of(audience), List.of(), "groups"), keys, clock);
  }

  private String issuer(String name) {
    return provider.issuerUrl(name).toString();
  }

  private String tokenFor(String issuer, String audience) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(provider.tokenEndpointUrl(issuer).toString()))
              .header("Content-Type", "application/x-www-form-urlencoded")
              .POST(
                  BodyPublishers.ofString(
                      "grant_type=client_credentials&client_id=a&client_secret=b&scope="
                          + audience))
              .build();
      String body = client.send(request, BodyHandlers.ofString()).body();
      return Json.object(body).flatMap(members -> members.text("access_token")).orElseThrow();
    }
  }

  private static Principal accepted(JwtAuthenticator by, String token) {
    AuthenticationResult result = by.authenticate(Issuer.bearer(token), attempt()).orElseThrow();
    assertThat(result).isInstanceOf(Authenticated.class);
    return ((Authenticated) result).principal();
  }

  private static Attempt attempt() {
    return new Attempt(
        "request", new ClientAddress(InetAddress.getLoopbackAddress()), Instant.EPOCH);
  }
}
