package tokenvending.issuing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.identity.Principal;
import tokenvending.issuing.IssueResult.Category;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.issuing.IssueResult.Issued;
import tokenvending.issuing.IssueResult.Unavailable;
import tokenvending.issuing.IssueResult.UpstreamFault;
import tokenvending.permission.CacheRole;
import tokenvending.policy.Compilation;
import tokenvending.policy.ConditionDocument;
import tokenvending.policy.Decision;
import tokenvending.policy.Grant;
import tokenvending.policy.PermissionDocument;
import tokenvending.policy.Policy;
import tokenvending.policy.PolicyDocument;
import tokenvending.policy.Reuse;
import tokenvending.policy.RuleDocument;
import tokenvending.policy.SelectorDocument;
import tokenvending.policy.TokenId;
import tokenvending.policy.WayIn;
import tokenvending.request.DeclaredParameters;
import tokenvending.request.VendRequest;
import tokenvending.secret.Secret;

/** T16 and T23: what the token service says is checked before anybody gets it. */
class VerifyingTokenIssuerTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000L);
  private static final Duration TTL = Duration.ofMinutes(15);
  private static final Instant DUE = NOW.plus(TTL);
  private static final String ENDPOINT = "cell.example.com";

  @Test
  void sound_token_passes_as_it_is() {
    Issued issued = issued("token", ENDPOINT, DUE, Optional.of("Taylor"));
    assertThat(verified(issued)).isSameAs(issued);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 60, 899, 900, 901, 960})
  void life_up_to_a_minute_over_the_grant_passes(long seconds) {
    assertThat(verified(issued("token", ENDPOINT, NOW.plusSeconds(seconds), Optional.of("Taylor"))))
        .isInstanceOf(Issued.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {-900, -1, 0, 961, 3600, 90_000})
  void life_that_is_over_or_longer_than_granted_does_not(long seconds) {
    assertThat(verified(issued("token", ENDPOINT, NOW.plusSeconds(seconds), Optional.of("Taylor"))))
        .isEqualTo(new UpstreamFault(Category.NONSENSE_ANSWER));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "localhost:8080",
        "a.b",
        "192.0.2.1",
        "cell-4-us-west-2-1.prod.a.example.com"
      })
  void endpoint_that_is_a_host_name_passes(String endpoint) {
    assertThat(verified(issued("token", endpoint, DUE, Optional.of("Taylor"))))
        .isInstanceOf(Issued.class);
  }

  static List<String> noHostNames() {
    return List.of(
        "",
        " ",
        ".",
        "a.",
        ".a",
        "a..b",
        "-a",
        "a-",
        "a b",
        "a/b",
        "a@b",
        "a:",
        "a:x",
        "a:123456",
        "https://a",
        "<html>",
        "a\n",
        "a\r\nb",
        "\u00e9",
        "a".repeat(254),
        "a.".repeat(200) + "a");
  }

  @ParameterizedTest
  @MethodSource("noHostNames")
  void endpoint_that_is_none_does_not(String endpoint) {
    assertThat(verified(issued("token", endpoint, DUE, Optional.of("Taylor"))))
        .isEqualTo(new UpstreamFault(Category.NONSENSE_ANSWER));
  }

  @Test
  void token_must_be_there_and_not_be_huge() {
    assertThat(verified(issued("", ENDPOINT, DUE, Optional.of("Taylor"))))
        .isEqualTo(new UpstreamFault(Category.NONSENSE_ANSWER));
    String largest = "x".repeat(VerifyingTokenIssuer.TOKEN_LIMIT);
    assertThat(verified(issued(largest, ENDPOINT, DUE, Optional.of("Taylor"))))
        .isInstanceOf(Issued.class);
    assertThat(verified(issued(largest + "x", ENDPOINT, DUE, Optional.of("Taylor"))))
        .isEqualTo(new UpstreamFault(Category.NONSENSE_ANSWER));
  }

  @Test
  void token_of_another_id_does_not_pass() {
    assertThat(verified(issued("token", ENDPOINT, DUE, Optional.of("Tailor"))))
        .isEqualTo(new UpstreamFault(Category.NONSENSE_ANSWER));
    assertThat(verified(issued("token", ENDPOINT, DUE, Optional.empty())))
        .isEqualTo(new UpstreamFault(Category.NONSENSE_ANSWER));
  }

  @Test
  void failures_pass_as_they_are_and_nothing_is_asked_twice() {
    for (IssueResult failure :
        List.of(
            new Unavailable(Cause.UPSTREAM_LIMIT, Duration.ofSeconds(1)),
            new UpstreamFault(Category.KEY_REFUSED))) {
      AtomicInteger calls = new AtomicInteger();
      TokenIssuer issuer =
          grant -> {
            calls.incrementAndGet();
            return failure;
          };
      assertThat(new VerifyingTokenIssuer(issuer, InstantSource.fixed(NOW)).issue(grant()))
          .isSameAs(failure);
      assertThat(calls).hasValue(1);
    }
  }

  private static IssueResult verified(IssueResult answer) {
    return new VerifyingTokenIssuer(grant -> answer, InstantSource.fixed(NOW)).issue(grant());
  }

  private static Issued issued(
      String token, String endpoint, Instant expiresAt, Optional<String> tokenId) {
    return new Issued(
        new VendedToken(Secret.of(token), endpoint, expiresAt, tokenId.map(TokenId::of)));
  }

  private static Grant grant() {
    RuleDocument rule =
        new RuleDocument(
            "everyone",
            ConditionDocument.anybody(),
            Optional.of(TTL),
            Optional.of("Taylor"),
            Reuse.NEVER,
            List.of(
                new PermissionDocument(
                    CacheRole.READ_ONLY,
                    new SelectorDocument.Exact("cache"),
                    new SelectorDocument.All())));
    Compilation compilation =
        Policy.compile(
            new PolicyDocument(
                List.of(new WayIn.Open()),
                new DeclaredParameters(List.of()),
                TTL,
                false,
                List.of(rule)));
    if (compilation instanceof Compilation.Compiled(Policy policy, var warnings)
        && policy.decide(Principal.anonymous(), VendRequest.of(java.util.Map.of()), NOW)
            instanceof Decision.Granted(Grant grant)) {
      return grant;
    }
    throw new AssertionError(compilation.toString());
  }
}
