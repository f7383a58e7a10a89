package tokenvending.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tokenvending.policy.Draft.ISSUER_X;
import static tokenvending.policy.Draft.OPEN;
import static tokenvending.policy.Draft.X;
import static tokenvending.policy.Draft.Y;
import static tokenvending.policy.Draft.key;
import static tokenvending.policy.Draft.rule;
import static tokenvending.policy.Draft.topic;
import static tokenvending.policy.Draft.topics;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.identity.Claim;
import tokenvending.identity.Groups;
import tokenvending.identity.Principal;
import tokenvending.permission.CacheRole;
import tokenvending.permission.PermissionSet;
import tokenvending.permission.PermissionText;
import tokenvending.policy.Decision.Denied;
import tokenvending.policy.Decision.Granted;
import tokenvending.policy.Decision.Reason;
import tokenvending.policy.SelectorDocument.All;
import tokenvending.policy.SelectorDocument.Exact;
import tokenvending.request.VendRequest;

final class PolicyTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final VendRequest EVERYTHING = VendRequest.of(Map.of());

  @Test
  @Tag("T19")
  void a_caller_whom_no_rule_takes_gets_nothing() {
    Policy policy = Draft.of(ISSUER_X).rule(rule("members").inGroups("members")).compiled();

    assertThat(policy.decide(member("ann", "members"), EVERYTHING, NOW))
        .isInstanceOf(Granted.class);
    for (Principal stranger :
        List.of(
            member("ann"),
            member("ann", "Members"),
            member("ann", "member"),
            member("ann", "members "),
            Principal.anonymous())) {
      assertDenied(policy.decide(stranger, EVERYTHING, NOW), "", Reason.NO_RULE_MATCHES);
    }
  }

  @Test
  void the_first_rule_that_matches_decides() {
    Policy policy =
        Draft.of(ISSUER_X)
            .rule(rule("a").inGroups("a").gives(topic("a")))
            .rule(rule("b").inGroups("b").gives(topic("b")))
            .rule(rule("rest").gives(topic("rest")))
            .compiled();

    assertThat(grant(policy, member("ann", "b", "a")).rule()).isEqualTo("a");
    assertThat(grant(policy, member("ann", "b")).rule()).isEqualTo("b");
    assertThat(grant(policy, member("ann", "c")).rule()).isEqualTo("rest");
  }

  @Test
  void a_rule_that_cannot_be_filled_in_refuses_and_the_next_is_not_tried() {
    Policy policy =
        Draft.of(ISSUER_X)
            .rule(rule("tenants").inGroups("a").gives(topic("t-${claims.tenant}")))
            .rule(rule("rest"))
            .compiled();

    assertDenied(
        policy.decide(member("ann", "a"), EVERYTHING, NOW), "tenants", Reason.VALUE_MISSING);
    assertThat(grant(policy, member("ann")).rule()).isEqualTo("rest");
  }

  @Test
  void any_of_the_groups_is_enough() {
    Policy policy = Draft.of(ISSUER_X).rule(rule("r").inGroups("a", "b")).compiled();

    assertThat(policy.decide(member("ann", "b"), EVERYTHING, NOW)).isInstanceOf(Granted.class);
    assertThat(policy.decide(member("ann", "c"), EVERYTHING, NOW)).isInstanceOf(Denied.class);
  }

  @Test
  void a_claim_is_or_contains_one_of_the_values() {
    Policy policy = Draft.of(ISSUER_X).rule(rule("r").claiming("tenant", "a", "b")).compiled();

    assertThat(matches(policy, new Claim.One("a"))).isTrue();
    assertThat(matches(policy, new Claim.One("b"))).isTrue();
    assertThat(matches(policy, new Claim.Many(List.of("z", "b")))).isTrue();
    assertThat(matches(policy, new Claim.One("c"))).isFalse();
    assertThat(matches(policy, new Claim.One("a b"))).isFalse();
    assertThat(matches(policy, new Claim.One(""))).isFalse();
    assertThat(matches(policy, new Claim.Many(List.of()))).isFalse();
    assertThat(policy.decide(member("ann"), EVERYTHING, NOW)).isInstanceOf(Denied.class);
  }

  @Test
  void a_claim_inside_an_object_is_named_by_its_path() {
    Policy policy =
        Draft.of(ISSUER_X).rule(rule("r").claiming("realm_access.roles", "a")).compiled();
    Claim roles = new Claim.Members(Map.of("roles", new Claim.Many(List.of("a"))));

    assertThat(policy.decide(claiming("ann", Map.of("realm_access", roles)), EVERYTHING, NOW))
        .isInstanceOf(Granted.class);
    Map<String, Claim> literal =
        Map.of("realm_access", roles, "realm_access.roles", new Claim.One("b"));
    assertThat(policy.decide(claiming("ann", literal), EVERYTHING, NOW)).isInstanceOf(Denied.class);
  }

  @Test
  void a_role_map_is_matched_by_its_roles() {
    Policy policy = Draft.of(ISSUER_X).rule(rule("r").claiming("tenant", "a")).compiled();

    assertThat(matches(policy, map("a", new Claim.One("true")))).isTrue();
    assertThat(matches(policy, map("a", map("org", new Claim.One("x"))))).isTrue();
    assertThat(matches(policy, map("a", new Claim.One("false")))).isFalse();
    assertThat(matches(policy, map("a", map("b", new Claim.One("x"))))).isTrue();
    assertThat(matches(policy, map("b", map("a", new Claim.One("x"))))).isFalse();
    assertThat(matches(policy, new Claim.Members(Map.of("a", new Claim.Members(Map.of())))))
        .isFalse();
    assertThat(matches(policy, new Claim.Unreadable())).isFalse();
  }

  private static Claim map(String name, Claim value) {
    return new Claim.Members(Map.of(name, value));
  }

  @Test
  void a_scope_is_matched_by_its_words() {
    for (String name : List.of("scope", "scp", "claims.scope")) {
      Policy policy = Draft.of(ISSUER_X).rule(rule("r").claiming(name, "chat:write")).compiled();
      for (String text : List.of("chat:write", "openid chat:write", "chat:write  openid")) {
        assertThat(decision(policy, name, text)).isInstanceOf(Granted.class);
      }
      for (String text : List.of("", "chat:writer", "chat:write,openid", "chat:write\topenid")) {
        assertThat(decision(policy, name, text)).isInstanceOf(Denied.class);
      }
    }
    Policy other = Draft.of(ISSUER_X).rule(rule("r").claiming("scopes", "a")).compiled();
    assertThat(decision(other, "scopes", "a b")).isInstanceOf(Denied.class);
  }

  private static Decision decision(Policy policy, String claim, String text) {
    return policy.decide(claiming("ann", Map.of(claim, new Claim.One(text))), EVERYTHING, NOW);
  }

  @Test
  void a_refusal_names_a_claim_that_is_absent_or_cannot_be_read() {
    Policy policy =
        Draft.of(ISSUER_X)
            .rule(rule("r").inGroups("a").claiming("tenant", "t"))
            .rule(rule("x").claiming("iss", "https://other.example"))
            .compiled();
    Map<String, Claim> tenant = Map.of("tenant", new Claim.One("t"));
    Map<String, Claim> other = Map.of("tenant", new Claim.One("u"));
    Map<String, Claim> object = Map.of("tenant", map("id", new Claim.One("t")));

    assertReason(policy, new Groups.Absent("roles"), tenant, Reason.CLAIM_ABSENT);
    assertReason(policy, new Groups.Unreadable("roles"), tenant, Reason.CLAIM_NOT_STRINGS);
    assertReason(policy, new Groups.Listed(Set.of("b")), tenant, Reason.NO_RULE_MATCHES);
    assertReason(policy, new Groups.Listed(Set.of("a")), Map.of(), Reason.CLAIM_ABSENT);
    assertReason(policy, new Groups.Listed(Set.of("a")), object, Reason.CLAIM_NOT_STRINGS);
    // With the claim the rule would not match either.
    assertReason(policy, new Groups.Absent("roles"), other, Reason.NO_RULE_MATCHES);
    assertReason(policy, new Groups.Listed(Set.of("b")), Map.of(), Reason.NO_RULE_MATCHES);
    assertDenied(policy.decide(Principal.anonymous(), EVERYTHING, NOW), "", Reason.NO_RULE_MATCHES);
    assertThat(
            policy
                .explain(stated(new Groups.Unreadable("roles"), tenant), EVERYTHING, NOW)
                .verdicts()
                .getFirst()
                .why())
        .isEqualTo("the claim roles is not a list of strings");
    assertThat(
            policy
                .explain(stated(new Groups.Listed(Set.of("a")), Map.of()), EVERYTHING, NOW)
                .verdicts()
                .getFirst()
                .why())
        .isEqualTo("the claim tenant is absent");
  }

  private static void assertReason(
      Policy policy, Groups groups, Map<String, Claim> claims, Reason reason) {
    assertDenied(policy.decide(stated(groups, claims), EVERYTHING, NOW), "", reason);
  }

  private static Principal stated(Groups groups, Map<String, Claim> claims) {
    return Principal.verified(X, "ann", groups, claims, Optional.empty());
  }

  private static boolean matches(Policy policy, Claim tenant) {
    return policy.decide(claiming("ann", Map.of("tenant", tenant)), EVERYTHING, NOW)
        instanceof Granted;
  }

  @Test
  void groups_and_claims_must_both_hold() {
    Policy policy =
        Draft.of(ISSUER_X).rule(rule("r").inGroups("a").claiming("tenant", "t")).compiled();
    Map<String, Claim> tenant = Map.of("tenant", new Claim.One("t"));

    assertThat(policy.decide(caller("ann", Set.of("a"), tenant), EVERYTHING, NOW))
        .isInstanceOf(Granted.class);
    assertThat(policy.decide(caller("ann", Set.of(), tenant), EVERYTHING, NOW))
        .isInstanceOf(Denied.class);
    assertThat(policy.decide(caller("ann", Set.of("a"), Map.of()), EVERYTHING, NOW))
        .isInstanceOf(Denied.class);
  }

  @Test
  void issuer_and_subject_can_be_asked_for() {
    Policy policy =
        Draft.of(ISSUER_X)
            .rule(rule("ann").claiming("sub", "ann").tokenId("u/${subject}"))
            .rule(rule("x").claiming("iss", X).tokenId("u/${subject}"))
            .compiled();

    assertThat(grant(policy, member("ann")).rule()).isEqualTo("ann");
    assertThat(grant(policy, member("bob")).rule()).isEqualTo("x");
    Principal other = Principal.verified(Y, "bob", Set.of(), Map.of(), Optional.empty());
    assertThat(policy.decide(other, EVERYTHING, NOW)).isInstanceOf(Denied.class);
    assertThat(policy.decide(Principal.anonymous(), EVERYTHING, NOW)).isInstanceOf(Denied.class);
  }

  @Test
  void a_cache_name_is_filled_in_too() {
    Policy policy =
        Draft.of(ISSUER_X)
            .rule(
                rule("r")
                    .gives(
                        new PermissionDocument(
                            CacheRole.READ_ONLY, new Exact("cache-${subject}"), new All())))
            .compiled();

    assertThat(grant(policy, member("ann")).permissions().texts())
        .containsExactly("ReadOnly cache=cache-ann");
  }

  @Test
  @Tag("T18")
  void a_value_does_not_become_a_wildcard() {
    Policy policy =
        Draft.of(ISSUER_X).rule(rule("r").gives(topic("${subject}"), key("${subject}"))).compiled();

    assertThat(grant(policy, member("all")).permissions().texts())
        .containsExactly(
            "SubscribeOnly cache=chat topic=\"all\"", "ReadOnly cache=chat key=\"all\"");
    assertThat(grant(policy, member("*")).permissions().texts())
        .containsExactly("SubscribeOnly cache=chat topic=*", "ReadOnly cache=chat key=*");
  }

  @Test
  @Tag("T1")
  void parameters_that_no_template_asks_for_change_nothing() {
    Policy policy = Draft.of(ISSUER_X).rule(rule("r").inGroups("a")).compiled();
    VendRequest boasting =
        VendRequest.of(
            Map.of("groups", "a", "usergroup", "a", "cachename", "all", "subject", "root"));

    assertThat(policy.decide(member("ann"), boasting, NOW)).isInstanceOf(Denied.class);
    Grant plain = grant(policy, member("ann", "a"));
    Grant boasted = ((Granted) policy.decide(member("ann", "a"), boasting, NOW)).grant();
    assertThat(boasted.permissions()).isEqualTo(plain.permissions());
    assertThat(boasted.tokenId()).isEqualTo(plain.tokenId());
    assertThat(boasted.ttl()).isEqualTo(plain.ttl());
  }

  @Test
  void a_grant_says_whose_it_is() {
    Principal ann = member("ann");
    Grant grant = grant(Draft.of(ISSUER_X).rule(rule("r").reuse(Reuse.CALLER)).compiled(), ann);

    assertThat(grant.caller()).isSameAs(ann);
    assertThat(grant.rule()).isEqualTo("r");
    assertThat(grant.reuse()).isEqualTo(Reuse.CALLER);
  }

  @Nested
  @Tag("T1")
  class Narrowing {
    private final Policy policy =
        Draft.of(ISSUER_X).rule(rule("r").gives(topics("room-"), key("a"))).compiled();

    @Test
    void less_than_granted_is_given_as_asked() {
      assertGiven("SubscribeOnly cache=chat topic=room-1");
      assertGiven("SubscribeOnly cache=chat topic-prefix=room-1", "ReadOnly cache=chat key=a");
      assertGiven("SubscribeOnly cache=chat topic-prefix=room-");
    }

    private void assertGiven(String... asked) {
      Decision decision = policy.decide(member("ann"), asking(asked), NOW);
      assertThat(((Granted) decision).grant().permissions().texts()).containsExactly(asked);
    }

    @Test
    void more_than_granted_is_refused_whole() {
      for (List<String> asked :
          List.of(
              List.of("SubscribeOnly cache=chat topic=room"),
              List.of("SubscribeOnly cache=chat topic=all"),
              List.of("SubscribeOnly cache=chat topic-prefix=room"),
              List.of("PublishSubscribe cache=chat topic=room-1"),
              List.of("PublishOnly cache=chat topic=room-1"),
              List.of("SubscribeOnly cache=all topic=room-1"),
              List.of("SubscribeOnly cache=other topic=room-1"),
              List.of("SubscribeOnly cache=Chat topic=room-1"),
              List.of("ReadOnly cache=chat"),
              List.of("ReadOnly cache=chat key=b"),
              List.of("ReadOnly cache=chat key-prefix=a"),
              List.of("WriteOnly cache=chat key=a"),
              List.of("Invoke cache=chat function=a"),
              List.of("SubscribeOnly cache=chat topic=room-1", "ReadOnly cache=chat key=b"))) {
        assertDenied(
            policy.decide(member("ann"), asking(asked.toArray(String[]::new)), NOW),
            "r",
            Reason.MORE_THAN_GRANTED);
      }
    }

    private static VendRequest asking(String... permissions) {
      return new VendRequest(
          Map.of(),
          Optional.of(
              new PermissionSet(
                  List.of(permissions).stream()
                      .map(text -> PermissionText.parse(text).orElseThrow())
                      .toList())),
          Optional.empty());
    }
  }

  @Nested
  @Tag("I4")
  class Lives {
    @Test
    void the_files_life_holds_where_the_rule_says_nothing() {
      assertThat(
              grant(
                      Draft.of(ISSUER_X).ttl(Duration.ofMinutes(7)).rule(rule("r")).compiled(),
                      member("ann"))
                  .ttl())
          .isEqualTo(Duration.ofMinutes(7));
    }

    @Test
    void the_rules_life_goes_before_the_files() {
      for (Duration rules : List.of(Duration.ofMinutes(1), Duration.ofHours(25))) {
        assertThat(
                grant(
                        Draft.of(ISSUER_X)
                            .ttl(Duration.ofHours(2))
                            .rule(rule("r").ttl(rules))
                            .compiled(),
                        member("ann"))
                    .ttl())
            .isEqualTo(rules);
      }
    }

    @Test
    void a_request_may_only_shorten_it() {
      Policy policy = Draft.of(ISSUER_X).ttl(Duration.ofHours(1)).rule(rule("r")).compiled();

      for (Duration good :
          List.of(Duration.ofSeconds(1), Duration.ofMinutes(59), Duration.ofHours(1))) {
        assertThat(granted(policy.decide(member("ann"), lasting(good), NOW)).ttl()).isEqualTo(good);
      }
      for (Duration bad :
          List.of(Duration.ofHours(1).plusSeconds(1), Duration.ofSeconds(Long.MAX_VALUE))) {
        assertDenied(
            policy.decide(member("ann"), lasting(bad), NOW), "r", Reason.LONGER_THAN_GRANTED);
      }
    }

    @Test
    void no_grant_lives_for_less_than_a_second_or_more_than_twenty_five_hours() {
      PermissionSet news =
          PermissionText.parse("SubscribeOnly cache=chat topic=news")
              .map(PermissionSet::of)
              .orElseThrow();
      for (Duration good : List.of(Duration.ofSeconds(1), Duration.ofHours(25))) {
        assertThat(
                new Grant(
                        member("ann"),
                        "r",
                        news,
                        good,
                        Optional.empty(),
                        Reuse.NEVER,
                        Optional.empty())
                    .ttl())
            .isEqualTo(good);
      }
      for (Duration bad :
          List.of(
              Duration.ZERO,
              Duration.ofSeconds(-1),
              Duration.ofMillis(1500),
              Duration.ofHours(25).plusSeconds(1))) {
        assertThatThrownBy(
                () ->
                    new Grant(
                        member("ann"),
                        "r",
                        news,
                        bad,
                        Optional.empty(),
                        Reuse.NEVER,
                        Optional.empty()))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }

    @Test
    void it_ends_with_the_session_where_the_file_says_so() {
      Draft draft = Draft.of(ISSUER_X).ttl(Duration.ofHours(1)).rule(rule("r"));
      Policy free = draft.compiled();
      Policy bound = draft.withinSession().compiled();
      Principal tenMinutes = until(NOW.plus(Duration.ofMinutes(10)));

      assertThat(grant(free, tenMinutes).ttl()).isEqualTo(Duration.ofHours(1));
      assertThat(grant(bound, tenMinutes).ttl()).isEqualTo(Duration.ofMinutes(10));
      assertThat(grant(bound, until(NOW.plus(Duration.ofHours(2)))).ttl())
          .isEqualTo(Duration.ofHours(1));
      assertThat(grant(bound, member("ann")).ttl()).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void a_life_beyond_the_session_is_refused_and_not_trimmed() {
      Policy bound = Draft.of(ISSUER_X).rule(rule("r")).withinSession().compiled();
      Principal tenMinutes = until(NOW.plus(Duration.ofMinutes(10)));

      assertThat(granted(bound.decide(tenMinutes, lasting(Duration.ofMinutes(10)), NOW)).ttl())
          .isEqualTo(Duration.ofMinutes(10));
      assertDenied(
          bound.decide(tenMinutes, lasting(Duration.ofMinutes(10).plusSeconds(1)), NOW),
          "r",
          Reason.LONGER_THAN_GRANTED);
    }

    @Test
    void part_of_a_second_is_left_out() {
      Policy bound = Draft.of(ISSUER_X).rule(rule("r")).withinSession().compiled();

      assertThat(grant(bound, until(NOW.plusMillis(1999))).ttl()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void a_session_that_is_over_gets_nothing() {
      Policy bound = Draft.of(ISSUER_X).rule(rule("r")).withinSession().compiled();

      assertThat(grant(bound, until(NOW.plusSeconds(1))).ttl()).isEqualTo(Duration.ofSeconds(1));
      for (Instant end :
          List.of(NOW.plusMillis(999), NOW, NOW.minusSeconds(1), Instant.MIN, Instant.EPOCH)) {
        assertDenied(bound.decide(until(end), EVERYTHING, NOW), "r", Reason.CREDENTIAL_EXPIRED);
      }
      assertThat(grant(bound, until(Instant.MAX)).ttl()).isEqualTo(Duration.ofHours(1));
    }

    private static Principal until(Instant end) {
      return Principal.verified(X, "ann", Set.of(), Map.of(), Optional.of(end));
    }

    private static VendRequest lasting(Duration ttl) {
      return new VendRequest(Map.of(), Optional.empty(), Optional.of(ttl));
    }
  }

  @Nested
  @Tag("T3")
  class TokenIds {
    @Test
    void an_identified_callers_default_is_the_subject() {
      assertThat(id(Draft.of(ISSUER_X).rule(rule("r")), member("ann"), Map.of())).contains("ann");
    }

    @Test
    void an_anonymous_callers_default_is_none() {
      assertThat(id(Draft.of(OPEN).rule(rule("r")), Principal.anonymous(), Map.of())).isEmpty();
    }

    @Test
    void a_token_for_everyone_names_nobody() {
      assertThat(
              id(Draft.of(ISSUER_X).rule(rule("r").reuse(Reuse.EVERYONE)), member("ann"), Map.of()))
          .isEmpty();
    }

    @Test
    void an_anonymous_callers_word_is_the_id() {
      Draft draft = Draft.of(OPEN).optional("name").rule(rule("r").tokenId("${request.name}"));

      assertThat(id(draft, Principal.anonymous(), Map.of("name", "Taylor"))).contains("Taylor");
      assertThat(id(draft, Principal.anonymous(), Map.of())).isEmpty();
    }

    @Test
    void an_id_with_one_of_two_optional_words_is_left_out() {
      Draft draft =
          Draft.of(OPEN)
              .optional("a")
              .optional("b")
              .rule(rule("r").tokenId("${request.a}/${request.b}"));

      assertThat(id(draft, Principal.anonymous(), Map.of("a", "1", "b", "2"))).contains("1/2");
      assertThat(id(draft, Principal.anonymous(), Map.of("a", "1"))).isEmpty();
      assertThat(id(draft, Principal.anonymous(), Map.of("b", "2"))).isEmpty();
    }

    @Test
    void a_hostile_word_is_refused_and_not_left_out() {
      Policy policy =
          Draft.of(OPEN).optional("name").rule(rule("r").tokenId("${request.name}")).compiled();

      assertDenied(
          policy.decide(Principal.anonymous(), VendRequest.of(Map.of("name", "a\uD800")), NOW),
          "r",
          Reason.VALUE_UNPRINTABLE);
      assertDenied(
          policy.decide(Principal.anonymous(), VendRequest.of(Map.of("name", "")), NOW),
          "r",
          Reason.VALUE_EMPTY);
    }

    @Test
    void a_subject_that_cannot_be_an_id_is_refused() {
      Policy policy = Draft.of(ISSUER_X).rule(rule("r")).compiled();

      assertDenied(
          policy.decide(member("a\uD800"), EVERYTHING, NOW), "r", Reason.VALUE_UNPRINTABLE);
      assertDenied(
          policy.decide(member("a".repeat(256)), EVERYTHING, NOW), "r", Reason.VALUE_TOO_LONG);
    }

    @Test
    void no_other_field_of_the_request_changes_it() {
      Draft draft =
          Draft.of(ISSUER_X).optional("name").optional("room").rule(rule("r").gives(topics("a")));

      for (Map<String, String> parameters :
          List.of(
              Map.<String, String>of(),
              Map.of("name", "root"),
              Map.of("name", "root", "room", "1"))) {
        VendRequest request =
            new VendRequest(
                parameters,
                PermissionText.parse("SubscribeOnly cache=chat topic=ab").map(PermissionSet::of),
                Optional.of(Duration.ofSeconds(9)));
        assertThat(
                granted(draft.compiled().decide(member("ann"), request, NOW))
                    .tokenId()
                    .map(TokenId::value))
            .contains("ann");
      }
    }

    private static Optional<String> id(
        Draft draft, Principal caller, Map<String, String> parameters) {
      return granted(draft.compiled().decide(caller, VendRequest.of(parameters), NOW))
          .tokenId()
          .map(TokenId::value);
    }
  }

  @Nested
  class Explaining {
    private final Policy policy =
        Draft.of(ISSUER_X)
            .rule(rule("moderators").inGroups("moderators"))
            .rule(rule("acme").claiming("tenant", "acme"))
            .rule(rule("rest"))
            .compiled();

    @Test
    void an_explanation_says_why_each_rule_did_or_did_not_match() {
      Explanation explanation = policy.explain(member("ann"), EVERYTHING, NOW);

      assertThat(explanation.verdicts())
          .containsExactly(
              new Explanation.RuleVerdict(
                  "moderators", false, "the caller is in none of the groups [moderators]"),
              new Explanation.RuleVerdict("acme", false, "the claim tenant is absent"),
              new Explanation.RuleVerdict("rest", true, "no condition"));
      assertThat(explanation.decision()).isInstanceOf(Granted.class);
    }

    @Test
    void rules_after_the_one_that_matched_are_not_listed() {
      Explanation explanation = policy.explain(member("ann", "moderators"), EVERYTHING, NOW);

      assertThat(explanation.verdicts())
          .containsExactly(
              new Explanation.RuleVerdict("moderators", true, "every condition holds"));
    }
  }

  private static void assertDenied(Decision decision, String rule, Reason reason) {
    assertThat(decision).isEqualTo(new Denied(rule, reason));
  }

  private static Grant grant(Policy policy, Principal caller) {
    return granted(policy.decide(caller, EVERYTHING, NOW));
  }

  private static Grant granted(Decision decision) {
    assertThat(decision).isInstanceOf(Granted.class);
    return ((Granted) decision).grant();
  }

  private static Principal member(String subject, String... groups) {
    return caller(subject, Set.of(groups), Map.of());
  }

  private static Principal claiming(String subject, Map<String, Claim> claims) {
    return caller(subject, Set.of(), claims);
  }

  private static Principal caller(String subject, Set<String> groups, Map<String, Claim> claims) {
    return Principal.verified(X, subject, groups, claims, Optional.empty());
  }
}
