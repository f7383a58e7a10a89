package tokenvending.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import tokenvending.identity.Attempt;
import tokenvending.identity.Authentication;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.AuthenticationResult.Authenticated;
import tokenvending.identity.AuthenticationResult.Unauthenticated;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.PresentedCredential.BearerToken;
import tokenvending.identity.PresentedCredential.UserPassword;
import tokenvending.secret.Secret;

/** The authentication method that looks at no secret. */
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
            new PresentedCredential.Unreadable())) {
      assertThat(open.authenticate(shown, ATTEMPT)).isInstanceOf(Unauthenticated.class);
    }
  }
}
