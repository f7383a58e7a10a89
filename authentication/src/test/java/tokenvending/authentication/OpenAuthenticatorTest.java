package tokenvending.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tokenvending.identity.Attempt;
import tokenvending.identity.Authentication;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.AuthenticationResult.Authenticated;
import tokenvending.identity.AuthenticationResult.Reason;
import tokenvending.identity.AuthenticationResult.Unauthenticated;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.PresentedCredential.BearerToken;
import tokenvending.identity.PresentedCredential.GatewayClaims;
import tokenvending.identity.PresentedCredential.UserPassword;
import tokenvending.identity.Principal;
import tokenvending.secret.Secret;

/** The two ways in that look at no secret. */
final class OpenAuthenticatorTest {
  private static final Attempt ATTEMPT =
      new Attempt("request", new ClientAddress(InetAddress.getLoopbackAddress()), Instant.EPOCH);

  @Test
  void whoever_shows_nothing_is_anonymous() {
    AuthenticationResult result =
        new OpenAuthenticator().authenticate(new PresentedCredential.None(), ATTEMPT).orElseThrow();
    assertThat(((Authenticated) result).principal().isAnonymous()).isTrue();
  }

  @Test
  void any_credential_at_all_is_refused_where_only_open_is_configured() {
    Authentication open = new Authentication(List.of(new OpenAuthenticator()));
    for (PresentedCredential shown :
        List.of(
            new BearerToken(Secret.of("x")),
            new BearerToken(Secret.of("")),
            new UserPassword("ann", Secret.of("x")),
            new UserPassword("", Secret.of("")),
            new GatewayClaims("i", "s", Set.of()),
            new PresentedCredential.Unreadable())) {
      assertThat(open.authenticate(shown, ATTEMPT)).isInstanceOf(Unauthenticated.class);
    }
  }

  @Test
  void gateway_claims_become_a_principal() {
    GatewayClaims claims = new GatewayClaims("https://i.example", "ann", Set.of("moderators"));
    GatewayClaimsAuthenticator gateway = new GatewayClaimsAuthenticator();
    AuthenticationResult result = gateway.authenticate(claims, ATTEMPT).orElseThrow();
    Principal principal = ((Authenticated) result).principal();
    assertThat(principal.issuer()).isEqualTo("https://i.example");
    assertThat(principal.subject()).contains("ann");
    assertThat(principal.groups()).containsExactly("moderators");
  }

  @Test
  void T11_gateway_claims_without_subject_or_issuer_are_refused() {
    GatewayClaimsAuthenticator gateway = new GatewayClaimsAuthenticator();
    for (GatewayClaims claims :
        List.of(
            new GatewayClaims("https://i.example", "", Set.of("moderators")),
            new GatewayClaims("", "ann", Set.of("moderators")))) {
      assertThat(gateway.authenticate(claims, ATTEMPT))
          .contains(new Unauthenticated(Reason.MISSING_CLAIM, List.of()));
    }
  }

  @Test
  void T11_gateway_authenticator_takes_nothing_that_a_caller_can_send() {
    GatewayClaimsAuthenticator gateway = new GatewayClaimsAuthenticator();
    assertThat(gateway.authenticate(new PresentedCredential.None(), ATTEMPT)).isEmpty();
    assertThat(gateway.authenticate(new BearerToken(Secret.of("x")), ATTEMPT)).isEmpty();
    assertThat(gateway.authenticate(new UserPassword("ann", Secret.of("x")), ATTEMPT)).isEmpty();
  }
}
