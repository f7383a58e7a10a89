package tokenvending.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.identity.AddressRange;
import tokenvending.identity.Claim;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Groups;
import tokenvending.identity.Principal;
import tokenvending.testing.Attempts;

@Tag("T25")
final class DenyRuleTest {
  private static final String ISSUER = "https://login.example.com/";
  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
  private static final ClientAddress HOME = Attempts.address("192.0.2.7");
  private static final Principal ANN =
      Principal.verified(
          ISSUER,
          "ann",
          Set.of("staff"),
          Map.of("tenant", new Claim.One("acme")),
          Optional.empty());

  private static DenyRule rule(
      Optional<String> issuer, Optional<String> subject, List<String> groups, String... tenants) {
    return new DenyRule(
        issuer,
        subject,
        new ConditionDocument(
            groups, tenants.length == 0 ? Map.of() : Map.of("tenant", List.of(tenants))),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  private static DenyRule of(String subject) {
    return rule(Optional.empty(), Optional.of(subject), List.of());
  }

  private static boolean denied(DenyRule rule, Principal caller) {
    return rule.denies(caller, HOME, NOW);
  }

  @Test
  void each_condition_decides_about_exactly_its_callers() {
    assertThat(denied(of("ann"), ANN)).isTrue();
    assertThat(denied(of("Ann"), ANN)).isFalse();
    assertThat(denied(of("bob"), ANN)).isFalse();
    assertThat(denied(rule(Optional.of(ISSUER), Optional.empty(), List.of()), ANN)).isTrue();
    assertThat(denied(rule(Optional.of("password"), Optional.empty(), List.of()), ANN)).isFalse();
    assertThat(denied(rule(Optional.empty(), Optional.empty(), List.of("staff")), ANN)).isTrue();
    assertThat(denied(rule(Optional.empty(), Optional.empty(), List.of("guests")), ANN)).isFalse();
    assertThat(denied(rule(Optional.empty(), Optional.empty(), List.of(), "acme"), ANN)).isTrue();
    assertThat(denied(rule(Optional.empty(), Optional.empty(), List.of(), "other"), ANN)).isFalse();
  }

  @Test
  void all_conditions_must_hold() {
    assertThat(denied(rule(Optional.of(ISSUER), Optional.of("ann"), List.of("staff"), "acme"), ANN))
        .isTrue();
    assertThat(denied(rule(Optional.of(ISSUER), Optional.of("ann"), List.of("guests")), ANN))
        .isFalse();
  }

  @Test
  void a_group_or_claim_in_a_form_that_cannot_be_read_does_not_evade_an_entry() {
    Principal odd =
        Principal.verified(
            ISSUER,
            "eve",
            new Groups.Unreadable("groups"),
            Map.of("tenant", new Claim.Unreadable()),
            Optional.empty());
    assertThat(denied(rule(Optional.empty(), Optional.empty(), List.of("staff")), odd)).isTrue();
    assertThat(denied(rule(Optional.empty(), Optional.empty(), List.of(), "acme"), odd)).isTrue();
    Principal plain =
        Principal.verified(ISSUER, "eve", new Groups.Absent("groups"), Map.of(), Optional.empty());
    assertThat(denied(rule(Optional.empty(), Optional.empty(), List.of("staff")), plain)).isFalse();
  }

  @Test
  void an_anonymous_caller_is_denied_by_address_alone() throws Exception {
    Principal anonymous = Principal.anonymous();
    assertThat(denied(of("ann"), anonymous)).isFalse();
    assertThat(denied(rule(Optional.of(""), Optional.empty(), List.of()), anonymous)).isFalse();
    DenyRule network =
        new DenyRule(
            Optional.empty(),
            Optional.empty(),
            ConditionDocument.everyone(),
            List.of(new AddressRange(InetAddress.getByName("192.0.2.0"), 24)),
            Optional.empty(),
            Optional.empty());
    assertThat(denied(network, anonymous)).isTrue();
    assertThat(network.denies(anonymous, Attempts.address("::ffff:192.0.2.9"), NOW)).isTrue();
    assertThat(network.denies(anonymous, Attempts.address("192.0.3.7"), NOW)).isFalse();
    assertThat(network.denies(anonymous, Attempts.address("2001:db8::7"), NOW)).isFalse();
  }

  @Test
  void an_entry_ends_at_its_time() {
    DenyRule rule =
        new DenyRule(
            Optional.empty(),
            Optional.of("ann"),
            ConditionDocument.everyone(),
            List.of(),
            Optional.of(NOW),
            Optional.empty());
    assertThat(rule.denies(ANN, HOME, NOW.minusMillis(1))).isTrue();
    assertThat(rule.denies(ANN, HOME, NOW)).isFalse();
  }
}
