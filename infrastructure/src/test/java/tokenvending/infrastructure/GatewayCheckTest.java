package tokenvending.infrastructure;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.configuration.AuthenticationSettings;
import tokenvending.configuration.AuthenticationSettings.Cognito;
import tokenvending.configuration.AuthenticationSettings.Oidc;
import tokenvending.configuration.AuthenticationSettings.Open;
import tokenvending.configuration.AuthenticationSettings.Password;
import tokenvending.configuration.AuthenticationSettings.UserPool;
import tokenvending.configuration.SecretReference;

final class GatewayCheckTest {
  private static final Open OPEN = new Open();
  private static final Password PASSWORD = new Password(new SecretReference.AwsSecret("users"));
  private static final Oidc OIDC =
      new Oidc(
          URI.create("https://login.example.com/"),
          List.of("chat"),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          "groups",
          Optional.empty(),
          Set.of());
  private static final UserPool POOL = new UserPool("us-west-2", "us-west-2_A", "client");
  private static final Cognito OWN =
      new Cognito(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Set.of());
  private static final Cognito NAMED =
      new Cognito(
          Optional.of(POOL), Optional.empty(), Optional.empty(), Optional.empty(), Set.of());
  private static final Cognito ELSEWHERE =
      new Cognito(
          Optional.of(POOL),
          Optional.of(URI.create("https://id.example.com/")),
          Optional.empty(),
          Optional.empty(),
          Set.of());

  private static final GatewayCheck ASKED_ALWAYS = new GatewayCheck.OurAuthorizer(List.of());

  private static GatewayCheck check(AuthenticationSettings... methods) {
    return GatewayCheck.of(List.of(methods), false);
  }

  @Test
  void open_alone_asks_nobody() {
    assertThat(check(OPEN)).isEqualTo(new GatewayCheck.None());
  }

  @Test
  @Tag("T12")
  void with_guests_our_authorizer_is_asked_whatever_the_request_carries() {
    assertThat(check(OIDC, OPEN)).isEqualTo(ASKED_ALWAYS);
    assertThat(check(OWN, OPEN)).isEqualTo(ASKED_ALWAYS);
    assertThat(check(OPEN, PASSWORD)).isEqualTo(ASKED_ALWAYS);
  }

  @Test
  @Tag("T12")
  void password_may_come_in_either_of_two_ways_so_no_header_is_needed() {
    assertThat(check(PASSWORD)).isEqualTo(ASKED_ALWAYS);
    assertThat(check(PASSWORD, OIDC)).isEqualTo(ASKED_ALWAYS);
  }

  @Test
  void tokens_of_any_issuer_come_in_one_header() {
    assertThat(check(OIDC)).isEqualTo(new GatewayCheck.OurAuthorizer(List.of("Authorization")));
  }

  @Test
  void cognito_alone_is_checked_by_the_gateway_itself() {
    assertThat(check(OWN)).isEqualTo(new GatewayCheck.CognitoIdTokens(List.of(Optional.empty())));
    assertThat(check(NAMED, OWN))
        .isEqualTo(new GatewayCheck.CognitoIdTokens(List.of(Optional.of(POOL), Optional.empty())));
  }

  @Test
  void what_the_gateway_itself_would_refuse_is_for_our_authorizer() {
    assertThat(GatewayCheck.of(List.of(OWN), true)).isEqualTo(ASKED_ALWAYS);
    assertThat(check(ELSEWHERE)).isEqualTo(ASKED_ALWAYS);
    assertThat(check(OWN, OIDC)).isEqualTo(ASKED_ALWAYS);
  }

  @Test
  void challenge_names_each_scheme_that_would_do() {
    assertThat(GatewayCheck.challenge(List.of(OWN, OPEN)))
        .isEqualTo("Bearer realm=\"token-vending\"");
    assertThat(GatewayCheck.challenge(List.of(PASSWORD)))
        .isEqualTo("Basic realm=\"token-vending\", charset=\"UTF-8\"");
    assertThat(GatewayCheck.challenge(List.of(OIDC, PASSWORD)))
        .isEqualTo(
            "Bearer realm=\"token-vending\", Basic realm=\"token-vending\", charset=\"UTF-8\"");
  }
}
