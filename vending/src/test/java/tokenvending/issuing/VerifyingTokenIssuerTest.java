package tokenvending.issuing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.identity.Principal;
import tokenvending.issuing.IssueResult.Category;
import tokenvending.issuing.IssueResult.Issued;
import tokenvending.issuing.IssueResult.UpstreamFault;
import tokenvending.policy.Decision.Granted;
import tokenvending.policy.Grant;
import tokenvending.policy.TokenId;
import tokenvending.request.VendRequest;
import tokenvending.secret.Secret;
import tokenvending.testing.Attempts;
import tokenvending.testing.Policies;
import tokenvending.testing.RecordingTokenIssuer;
import tokenvending.testing.SettableClock;

@Tag("T16")
final class VerifyingTokenIssuerTest {
  private static final Duration TTL = Duration.ofHours(1);

  private final SettableClock clock = SettableClock.started();
  private final Instant now = clock.instant();
  private final Grant grant =
      ((Granted)
              Policies.compiled(Policies.builtIn())
                  .decide(Principal.anonymous(), VendRequest.of(Map.of("name", "Taylor")), now))
          .grant();
  private final VendedToken good =
      new VendedToken(
          Secret.of("token"),
          "cell-1.example.com",
          now.plus(TTL),
          Optional.of(TokenId.of("Taylor")));

  @Test
  void a_sound_token_is_passed_on_as_it_is() {
    Issued issued = new Issued(good);

    assertThat(verify(issued)).isSameAs(issued);
  }

  @Test
  void what_is_no_token_is_passed_on_as_it_is() {
    IssueResult unavailable =
        new IssueResult.Unavailable(IssueResult.Cause.UPSTREAM_RATE_LIMITED, Duration.ofSeconds(1));
    IssueResult fault = new UpstreamFault(Category.API_KEY_REJECTED);

    assertThat(verify(unavailable)).isSameAs(unavailable);
    assertThat(verify(fault)).isSameAs(fault);
  }

  @Test
  @Tag("T23")
  void a_token_that_is_over_already_is_dropped() {
    assertSound(expiring(now.plusSeconds(1)));
    assertNonsense(expiring(now));
    assertNonsense(expiring(now.minusSeconds(1)));
    assertNonsense(expiring(Instant.EPOCH));
  }

  @Test
  @Tag("T23")
  void a_token_that_lives_longer_than_granted_is_dropped() {
    assertSound(expiring(now.plus(TTL).plusSeconds(60)));
    assertNonsense(expiring(now.plus(TTL).plusSeconds(61)));
    assertNonsense(expiring(Instant.MAX));
  }

  @Test
  @Tag("T23")
  void time_that_passes_while_waiting_for_the_answer_counts() {
    RecordingTokenIssuer slow =
        new RecordingTokenIssuer(clock)
            .answersWith(
                asked -> {
                  clock.advance(Duration.ofSeconds(2));
                  return new Issued(expiring(now.plusSeconds(2)));
                });

    assertThat(new VerifyingTokenIssuer(slow, clock).issue(grant, Attempts.at(clock.instant())))
        .isEqualTo(new UpstreamFault(Category.INVALID_RESPONSE));
  }

  @Test
  void a_token_without_content_is_dropped() {
    assertNonsense(holding(""));
    assertSound(holding("t"));
  }

  @Test
  void a_token_that_no_header_can_carry_is_dropped() {
    assertSound(holding("t".repeat(VerifyingTokenIssuer.TOKEN_LIMIT)));
    assertNonsense(holding("t".repeat(VerifyingTokenIssuer.TOKEN_LIMIT + 1)));
  }

  @Test
  void a_token_without_a_valid_endpoint_is_dropped() {
    assertSound(at("localhost"));
    assertSound(at("localhost:8080"));
    assertSound(at("cell-us-east-1-1.prod.a.momentohq.com"));
    assertNonsense(at(""));
    assertNonsense(at(" "));
    assertNonsense(at("cell-1.example.com/"));
    assertNonsense(at("https://cell-1.example.com"));
    assertNonsense(at("cell-1..example.com"));
    assertNonsense(at("-cell.example.com"));
    assertNonsense(at("cell-1.example.com:"));
    assertNonsense(at("cell-1.example.com\n"));
    assertNonsense(at("cell_1.example.com"));
    assertNonsense(at("user@example.com"));
  }

  @Test
  void an_endpoint_longer_than_a_host_name_is_dropped() {
    String label = "a".repeat(62) + ".";
    assertSound(at(label.repeat(4) + "b"));
    assertNonsense(at(label.repeat(4) + "bb"));
  }

  @Test
  void a_token_with_another_id_than_granted_is_dropped() {
    assertNonsense(named(Optional.of(TokenId.of("Taylo"))));
    assertNonsense(named(Optional.empty()));
  }

  private void assertSound(VendedToken token) {
    Issued issued = new Issued(token);
    assertThat(verify(issued)).isSameAs(issued);
  }

  private void assertNonsense(VendedToken token) {
    assertThat(verify(new Issued(token))).isEqualTo(new UpstreamFault(Category.INVALID_RESPONSE));
  }

  private IssueResult verify(IssueResult answer) {
    RecordingTokenIssuer inner = new RecordingTokenIssuer(clock).answers(answer);
    IssueResult result =
        new VerifyingTokenIssuer(inner, clock).issue(grant, Attempts.at(clock.instant()));
    assertThat(inner.grants()).containsExactly(grant);
    return result;
  }

  private VendedToken expiring(Instant at) {
    return new VendedToken(good.token(), good.endpoint(), at, good.tokenId());
  }

  private VendedToken holding(String token) {
    return new VendedToken(Secret.of(token), good.endpoint(), good.expiresAt(), good.tokenId());
  }

  private VendedToken at(String endpoint) {
    return new VendedToken(good.token(), endpoint, good.expiresAt(), good.tokenId());
  }

  private VendedToken named(Optional<TokenId> id) {
    return new VendedToken(good.token(), good.endpoint(), good.expiresAt(), id);
  }
}
