package tokenvending.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tokenvending.policy.Draft.ISSUER_X;
import static tokenvending.policy.Draft.ISSUER_Y;
import static tokenvending.policy.Draft.OPEN;
import static tokenvending.policy.Draft.PASSWORDS;
import static tokenvending.policy.Draft.X;
import static tokenvending.policy.Draft.Y;
import static tokenvending.policy.Draft.everything;
import static tokenvending.policy.Draft.key;
import static tokenvending.policy.Draft.keys;
import static tokenvending.policy.Draft.rule;
import static tokenvending.policy.Draft.topic;
import static tokenvending.policy.Draft.topics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.permission.CacheRole;
import tokenvending.permission.FunctionRole;
import tokenvending.permission.TopicRole;
import tokenvending.policy.SelectorDocument.All;
import tokenvending.policy.SelectorDocument.Exact;
import tokenvending.policy.SelectorDocument.Prefix;

@Tag("T19")
final class PolicyCompilerTest {
  @Test
  void the_simplest_document_is_accepted() {
    assertAccepted(Draft.of(OPEN).rule(rule("everyone")));
  }

  @Test
  void a_document_without_a_way_in_is_refused() {
    assertRefused(Draft.of().rule(rule("everyone")), "authentication", "`open: {}`");
  }

  @Test
  void a_document_without_rules_is_refused() {
    assertRefused(Draft.of(OPEN), "rules", "add at least one");
  }

  @Test
  @Tag("I4")
  void a_life_is_one_second_to_twenty_five_hours() {
    for (Duration good : List.of(Duration.ofSeconds(1), Duration.ofHours(25))) {
      assertAccepted(Draft.of(OPEN).ttl(good).rule(rule("everyone")));
      assertAccepted(Draft.of(OPEN).rule(rule("everyone").ttl(good)));
    }
    for (Duration bad :
        List.of(
            Duration.ZERO,
            Duration.ofSeconds(-1),
            Duration.ofMillis(1500),
            Duration.ofHours(25).plusSeconds(1),
            Duration.ofSeconds(Long.MAX_VALUE))) {
      assertRefused(
          Draft.of(OPEN).ttl(bad).rule(rule("everyone")),
          "token.ttl",
          "whole seconds from 1s to 25h");
      assertRefused(Draft.of(OPEN).rule(rule("everyone").ttl(bad)), "rules[0].ttl", "1s to 25h");
    }
  }

  @Test
  void a_rule_id_is_a_short_word() {
    for (String good : List.of("a", "A-1_b.c", "9", "a".repeat(64))) {
      assertAccepted(Draft.of(OPEN).rule(rule(good)));
    }
    for (String bad : List.of("", "a b", "-a", "a/b", "é", "a\n", "a".repeat(65))) {
      assertRefused(Draft.of(OPEN).rule(rule(bad)), "rules[0].id", "1 to 64 letters");
    }
  }

  @Test
  void two_rules_have_two_ids() {
    assertAccepted(
        Draft.of(ISSUER_X).rule(rule("members").inGroups("a")).rule(rule("others").inGroups("b")));
    assertRefused(
        Draft.of(ISSUER_X).rule(rule("members").inGroups("a")).rule(rule("members").inGroups("b")),
        "rules[1].id",
        "another rule has the id members: choose a different one");
  }

  @Test
  void all_problems_are_told_at_once() {
    Compilation compilation =
        Policy.compile(
            Draft.of(OPEN)
                .ttl(Duration.ZERO)
                .rule(
                    rule("")
                        .ttl(Duration.ofHours(26))
                        .gives(topic("${user}"), topics("${request.room}"), key("")))
                .rule(rule("b").givesNothing())
                .document());

    assertThat(((Compilation.Rejected) compilation).errors())
        .extracting(PolicyProblem::path)
        .containsExactly(
            "token.ttl",
            "rules[0].id",
            "rules[0].ttl",
            "rules[0].permissions[0].topic",
            "rules[0].permissions[1].topic",
            "rules[0].permissions[2].item",
            "rules[1].permissions");
  }

  @Test
  void what_its_lists_become_later_does_not_change_a_policy() {
    List<PermissionDocument> permissions = new ArrayList<>(List.of(topic("news")));
    List<String> groups = new ArrayList<>(List.of("members"));
    List<String> tenants = new ArrayList<>(List.of("acme"));
    Map<String, List<String>> claims = new HashMap<>(Map.of("tenant", tenants));
    List<RuleDocument> rules = new ArrayList<>();
    rules.add(
        new RuleDocument(
            "members",
            new ConditionDocument(groups, claims),
            Optional.empty(),
            Optional.empty(),
            Reuse.NEVER,
            permissions));
    PolicyDocument document =
        new PolicyDocument(
            List.of(ISSUER_X),
            Draft.of().document().parameters(),
            Duration.ofHours(1),
            false,
            rules);

    permissions.clear();
    groups.clear();
    tenants.add("other");
    claims.clear();
    rules.clear();

    assertThat(document.rules()).hasSize(1);
    assertThat(document.rules().getFirst().permissions()).hasSize(1);
    ConditionDocument when = document.rules().getFirst().when();
    assertThat(when.groups()).containsExactly("members");
    assertThat(when.claims()).isEqualTo(Map.of("tenant", List.of("acme")));
    assertThatThrownBy(() -> when.claims().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Nested
  class Permissions {
    @Test
    void a_rule_without_permissions_is_refused() {
      assertRefused(
          Draft.of(OPEN).rule(rule("everyone").givesNothing()),
          "rules[0].permissions",
          "at least one");
    }

    @Test
    void twenty_permissions_are_the_most() {
      Draft.RuleDraft twenty = rule("everyone");
      Draft.RuleDraft twentyOne = rule("everyone");
      for (int i = 0; i < 21; i++) {
        if (i < 20) {
          twenty.gives(topic("t" + i));
        }
        twentyOne.gives(topic("t" + i));
      }

      assertAccepted(Draft.of(OPEN).rule(twenty));
      assertRefused(
          Draft.of(OPEN).rule(twentyOne),
          "rules[0].permissions",
          "21 permissions: expected at most 20");
    }

    @Test
    void every_kind_of_permission_is_accepted() {
      assertAccepted(
          Draft.of(OPEN)
              .rule(
                  rule("everyone")
                      .gives(
                          everything(CacheRole.READ_WRITE),
                          everything(TopicRole.PUBLISH_SUBSCRIBE),
                          everything(FunctionRole.INVOKE),
                          key("a"),
                          keys("a"),
                          topic("a"),
                          topics("a"),
                          new PermissionDocument(
                              FunctionRole.INVOKE, new Exact("chat"), new Exact("a")),
                          new PermissionDocument(
                              FunctionRole.INVOKE, new Exact("chat"), new Prefix("a")))));
    }

    @Test
    void caches_are_not_selected_by_prefix() {
      assertAccepted(givingCache(new Exact("chat-")));
      assertRefused(
          givingCache(new Prefix("chat-")),
          "rules[0].permissions[0].cache",
          "no prefixes of caches");
    }

    private static Draft givingCache(SelectorDocument cache) {
      return Draft.of(OPEN)
          .rule(
              rule("everyone")
                  .gives(new PermissionDocument(TopicRole.SUBSCRIBE_ONLY, cache, new All())));
    }

    @Test
    void an_empty_or_unprintable_name_is_refused() {
      assertAccepted(giving(topic("a b — é 漢 😀")));
      for (String bad : List.of("", "a\nb", "a\u0000", "a\u202Eb", "\u200B", "\uD800", "\u2028")) {
        assertRefused(
            giving(topic(bad)), "rules[0].permissions[0].topic", "text of printable characters");
        assertRefused(
            giving(keys(bad)), "rules[0].permissions[0].item", "text of printable characters");
      }
    }

    @Test
    void the_same_resources_twice_are_refused() {
      assertAccepted(giving(topic("a"), topic("b")));
      assertAccepted(giving(topic("a"), topics("a")));
      assertAccepted(giving(topic("a"), key("a")));
      assertAccepted(giving(topic("a"), everything(TopicRole.SUBSCRIBE_ONLY)));
      assertAccepted(
          giving(
              topic("all"),
              new PermissionDocument(TopicRole.SUBSCRIBE_ONLY, new Exact("chat"), new All())));
      assertAccepted(
          giving(
              topic("a"),
              new PermissionDocument(
                  TopicRole.SUBSCRIBE_ONLY, new Exact("other"), new Exact("a"))));
      assertTwice(topic("a"), topic("a"));
      assertTwice(topics("a"), topics("a"));
      assertTwice(everything(CacheRole.READ_ONLY), everything(CacheRole.WRITE_ONLY));
      assertTwice(
          topic("a"),
          new PermissionDocument(TopicRole.PUBLISH_ONLY, new Exact("chat"), new Exact("a")));
    }

    @Test
    void resources_that_are_the_same_for_some_caller_are_refused() {
      assertAccepted(givingMembers(key("a-${subject}"), key("b-${subject}")));
      assertAccepted(givingMembers(key("${subject}-a"), key("${subject}-b")));
      assertAccepted(givingMembers(key("profile-"), key("profile-${subject}")));
      assertAccepted(givingMembers(key("profile"), key("profile-${subject}")));
      assertAccepted(givingMembers(key("${subject}/"), keys("${subject}/")));
      assertTwiceForMembers(key("profile-ann"), key("profile-${subject}"));
      assertTwiceForMembers(key("profile-${subject}"), key("profile-ann"));
      assertTwiceForMembers(key("${subject}"), key("${claims.tenant}"));
      assertTwiceForMembers(key("${subject}-a"), key("${claims.tenant}"));
      assertTwiceForMembers(key("a-${subject}"), key("${claims.tenant}-b"));
      assertTwiceForMembers(keys("a-${subject}/"), keys("a-${subject}/"));
    }

    private static Draft giving(PermissionDocument... permissions) {
      return Draft.of(OPEN).rule(rule("everyone").gives(permissions));
    }

    private static Draft givingMembers(PermissionDocument... permissions) {
      return Draft.of(ISSUER_X).rule(rule("members").gives(permissions));
    }

    private static void assertTwice(PermissionDocument one, PermissionDocument other) {
      assertRefused(giving(one, other), "rules[0].permissions[1]", "selects the same resources");
    }

    private static void assertTwiceForMembers(PermissionDocument one, PermissionDocument other) {
      assertRefused(givingMembers(one, other), "rules[0].permissions[1]", "use different prefixes");
    }
  }

  @Nested
  @Tag("T18")
  class Templates {
    @Test
    void only_values_that_exist_can_be_written() {
      for (String good :
          List.of(
              "${subject}",
              "a${subject}b",
              "${claims.tenant}",
              "${claims.cognito:username}",
              "${claims.https://example.com/tenant}",
              "${claims.a.b}",
              "${subject}/${claims.tenant}",
              "$",
              "{}",
              "a}",
              "$subject",
              "$$",
              "100 $ {x}")) {
        assertAccepted(givingMembers(key(good)));
      }
      for (String bad :
          List.of(
              "${user}",
              "${}",
              "${ subject}",
              "${subject }",
              "${Subject}",
              "${subject.x}",
              "${claims}",
              "${claims.}",
              "${claims.a b}",
              "${request}",
              "${subject",
              "${",
              "a${b",
              "${${subject}}",
              "${claims.${subject}}",
              "$${subject}{subject}")) {
        assertThat(errors(givingMembers(key(bad))))
            .as(bad)
            .isNotEmpty()
            .allSatisfy(
                error -> {
                  assertThat(error.path()).isEqualTo("rules[0].permissions[0].item");
                  assertThat(error.message())
                      .contains("${subject}, ${claims.NAME} or ${request.NAME}");
                });
      }
    }

    @Test
    void values_do_not_stand_side_by_side() {
      assertAccepted(givingMembers(key("${subject}/${claims.tenant}")));
      assertRefused(
          givingMembers(key("${subject}${claims.tenant}")),
          "rules[0].permissions[0].item",
          "write a delimiter between them");
    }

    @Test
    void a_prefix_does_not_end_in_a_value() {
      assertAccepted(givingMembers(key("room-${claims.tenant}")));
      List<PolicyProblem> errors = errors(givingMembers(keys("room-${claims.tenant}")));

      assertThat(errors)
          .extracting(PolicyProblem::path)
          .containsExactly("rules[0].permissions[0].item");
      assertThat(errors.getFirst().message()).contains("write \"room-${claims.tenant}/\"");
      assertAccepted(givingMembers(keys("room-${claims.tenant}/")));
    }

    @Test
    void a_cache_name_may_hold_a_value() {
      assertAccepted(
          givingMembers(
              new PermissionDocument(
                  CacheRole.READ_ONLY, new Exact("cache-${claims.tenant}"), new All())));
      assertRefused(
          givingMembers(
              new PermissionDocument(CacheRole.READ_ONLY, new Exact("cache-${x}"), new All())),
          "rules[0].permissions[0].cache",
          "is not a value");
    }

    @Test
    void a_parameter_must_be_declared() {
      assertRefused(
          givingMembers(topic("room-${request.room}")),
          "rules[0].permissions[0].topic",
          "${request.room} is not declared: add it to `parameters`");
      assertWarned(
          givingMembers(topic("room-${request.room}")).required("room"),
          "rules[0].permissions[0].topic",
          "${request.room} is chosen by the caller");
    }

    private static Draft givingMembers(PermissionDocument... permissions) {
      return Draft.of(ISSUER_X).rule(rule("members").gives(permissions));
    }
  }

  @Nested
  @Tag("T3")
  class TokenIds {
    @Test
    void the_callers_word_names_anonymous_callers_without_a_warning() {
      assertAccepted(
          Draft.of(OPEN).optional("name").rule(rule("everyone").tokenId("${request.name}")));
    }

    @Test
    void the_callers_word_must_be_declared() {
      assertRefused(
          Draft.of(OPEN).optional("nam").rule(rule("everyone").tokenId("${request.name}")),
          "rules[0].token-id",
          "is not declared: add it to `parameters`");
    }

    @Test
    void the_callers_word_does_not_name_identified_callers() {
      assertRefused(
          Draft.of(ISSUER_X).optional("name").rule(rule("members").tokenId("${request.name}")),
          "rules[0].token-id",
          "write \"${subject}\"");
      assertAccepted(
          Draft.of(ISSUER_X).optional("name").rule(rule("members").tokenId("${subject}")));
    }

    @Test
    void the_callers_word_is_not_mixed_with_what_was_verified() {
      for (String verified : List.of("${subject}", "${claims.tenant}")) {
        assertRefused(
            Draft.of(OPEN)
                .optional("name")
                .rule(rule("everyone").tokenId(verified + "/${request.name}")),
            "rules[0].token-id",
            "use one kind");
      }
    }

    @Test
    void an_identified_callers_id_holds_the_subject() {
      for (String good : List.of("${subject}", "acme/${subject}", "${claims.tenant}/${subject}")) {
        assertAccepted(Draft.of(ISSUER_X).rule(rule("members").tokenId(good)));
      }
      assertRefused(
          Draft.of(ISSUER_X).rule(rule("members").tokenId("member")),
          "rules[0].token-id",
          "write \"member/${subject}\"");
      assertRefused(
          Draft.of(ISSUER_X).rule(rule("members").tokenId("${claims.email}")),
          "rules[0].token-id",
          "write \"${claims.email}/${subject}\"");
    }

    @Test
    void an_anonymous_callers_id_may_be_one_word() {
      assertAccepted(Draft.of(OPEN).rule(rule("everyone").tokenId("guest")));
    }

    @Test
    void a_bad_template_is_refused() {
      assertRefused(
          Draft.of(ISSUER_X).rule(rule("members").tokenId("${name}")),
          "rules[0].token-id",
          "is not a value");
      assertRefused(
          Draft.of(ISSUER_X).rule(rule("members").tokenId("")),
          "rules[0].token-id",
          "text of printable characters");
    }

    @Test
    void one_way_in_is_enough_for_the_default() {
      assertAccepted(Draft.of(ISSUER_X).rule(rule("members")));
      assertAccepted(Draft.of(PASSWORDS).rule(rule("members")));
      assertAccepted(Draft.of(ISSUER_X, OPEN).rule(rule("everyone")));
    }

    @Test
    void a_subject_that_anonymous_callers_lack_collides_with_nothing_but_is_warned_about() {
      assertWarned(
          Draft.of(ISSUER_X, OPEN).rule(rule("everyone").tokenId("${subject}")),
          "rules[0].token-id",
          "this rule denies them: add a rule for them");
      assertWarned(
          Draft.of(ISSUER_X, OPEN).rule(rule("everyone").gives(key("${subject}"))),
          "rules[0].permissions[0].item",
          "this rule denies them: add a rule for them");
      assertAccepted(
          Draft.of(ISSUER_X, OPEN)
              .rule(rule("members").claiming("iss", X).tokenId("${subject}"))
              .rule(rule("guests")));
    }

    @Test
    void two_issuers_could_name_two_callers_the_same() {
      assertCollision(Draft.of(ISSUER_X, ISSUER_Y).rule(rule("members")), "rules[0].token-id");
      assertCollision(Draft.of(ISSUER_X, PASSWORDS).rule(rule("members")), "rules[0].token-id");
      assertAccepted(Draft.of(ISSUER_X, ISSUER_X).rule(rule("members")));
    }

    @Test
    void two_issuers_with_a_rule_and_a_word_each_are_told_apart() {
      assertAccepted(
          Draft.of(ISSUER_X, ISSUER_Y)
              .rule(rule("x").claiming("iss", X).tokenId("x/${subject}"))
              .rule(rule("y").claiming("iss", Y).tokenId("y/${subject}")));
      assertAccepted(
          Draft.of(ISSUER_X, PASSWORDS)
              .rule(rule("x").claiming("iss", X).tokenId("x/${subject}"))
              .rule(rule("y").claiming("iss", "password").tokenId("y/${subject}")));
      assertCollision(
          Draft.of(ISSUER_X, ISSUER_Y)
              .rule(rule("x").claiming("iss", X).tokenId("x/${subject}"))
              .rule(rule("y").claiming("iss", Y).tokenId("x/${subject}")),
          "rules[1].token-id");
    }

    @Test
    void a_word_for_one_of_two_issuers_is_not_enough() {
      assertCollision(
          Draft.of(ISSUER_X, ISSUER_Y)
              .rule(rule("x").claiming("iss", X).tokenId("x/${subject}"))
              .rule(rule("y").claiming("iss", Y)),
          "rules[1].token-id");
    }

    @Test
    void two_rules_of_one_issuer_give_one_caller_the_same_id() {
      assertAccepted(
          Draft.of(ISSUER_X)
              .rule(rule("moderators").inGroups("moderators").tokenId("u/${subject}"))
              .rule(rule("members").tokenId("u/${subject}")));
      assertCollision(
          Draft.of(ISSUER_X)
              .rule(rule("moderators").inGroups("moderators").tokenId("m/${subject}"))
              .rule(rule("members")),
          "rules[1].token-id");
    }

    @Test
    void rules_without_a_token_id_collide_with_nothing() {
      assertAccepted(Draft.of(ISSUER_X, ISSUER_Y).rule(rule("members").reuse(Reuse.EVERYONE)));
    }

    @Test
    void a_rule_for_a_claim_is_not_for_passwords() {
      assertAccepted(
          Draft.of(ISSUER_X, PASSWORDS)
              .rule(rule("acme").claiming("tenant", "acme").tokenId("x/${subject}"))
              .rule(rule("users").claiming("iss", "password").tokenId("p/${subject}")));
    }

    @Test
    void guests_and_members_with_a_rule_and_a_word_each_are_told_apart() {
      assertAccepted(
          Draft.of(ISSUER_X, OPEN)
              .optional("name")
              .rule(rule("members").claiming("iss", X).tokenId("acme/${subject}"))
              .rule(rule("guests").tokenId("guest/${request.name}")));
      assertCollision(
          Draft.of(ISSUER_X, OPEN)
              .optional("name")
              .rule(rule("members").claiming("iss", X).tokenId("guest/${subject}"))
              .rule(rule("guests").tokenId("guest/${request.name}")),
          "rules[1].token-id");
      assertCollision(
          Draft.of(ISSUER_X, OPEN)
              .optional("name")
              .rule(rule("members").claiming("iss", X))
              .rule(rule("guests").tokenId("guest/${request.name}")),
          "rules[1].token-id");
    }

    @Test
    void a_guests_word_that_members_could_have_is_refused() {
      for (Draft.RuleDraft members :
          List.of(
              rule("members").claiming("iss", X).inGroups("members").tokenId("acme/${subject}"),
              rule("members").claiming("tenant", "t").tokenId("acme/${subject}"),
              rule("members").claiming("iss", Y).tokenId("acme/${subject}"))) {
        Compilation compilation =
            Policy.compile(
                Draft.of(ISSUER_X, OPEN)
                    .optional("name")
                    .rule(members)
                    .rule(rule("guests").tokenId("guest/${request.name}"))
                    .document());
        assertThat(((Compilation.Rejected) compilation).errors())
            .extracting(PolicyProblem::path)
            .containsExactly("rules[1].token-id");
      }
    }

    @Test
    void the_fix_that_is_told_is_one() {
      Draft refused =
          Draft.of(ISSUER_X, OPEN)
              .optional("name")
              .rule(rule("everyone").tokenId("${request.name}"));
      assertRefused(
          refused,
          "rules[0].token-id",
          "add a rule for each authentication method (`when: { claims: { iss: … } }`, the one for"
              + " `open` last), and begin each token-id with a different prefix, such as"
              + " \"acme/${subject}\" and \"guest/${request.name}\"");
      assertRefused(
          Draft.of(ISSUER_X, ISSUER_Y).rule(rule("everyone")),
          "rules[0].token-id",
          "add a rule for each authentication method (`when: { claims: { iss: … } }`), and begin"
              + " each token-id with a different prefix, such as \"acme/${subject}\" and"
              + " \"users/${subject}\"");
    }

    private static void assertCollision(Draft draft, String path) {
      assertRefused(draft, path, "could get the same token id");
    }
  }

  @Nested
  class Reused {
    @Test
    void a_token_for_everyone_has_no_token_id() {
      assertAccepted(Draft.of(OPEN).rule(rule("everyone").reuse(Reuse.EVERYONE)));
      assertRefused(
          Draft.of(OPEN).rule(rule("everyone").reuse(Reuse.EVERYONE).tokenId("guest")),
          "rules[0].reuse",
          "remove token-id");
      assertAccepted(Draft.of(OPEN).rule(rule("everyone").reuse(Reuse.CALLER).tokenId("guest")));
    }

    @Test
    void a_token_for_everyone_holds_no_callers_value() {
      assertRefused(
          Draft.of(ISSUER_X)
              .rule(rule("members").reuse(Reuse.EVERYONE).gives(topic("a"), key("${subject}"))),
          "rules[0].reuse",
          "does not allow values of a caller");
      assertAccepted(
          Draft.of(ISSUER_X)
              .rule(rule("members").reuse(Reuse.CALLER).gives(topic("a"), key("${subject}"))));
    }
  }

  @Nested
  class Conditions {
    @Test
    void a_template_in_a_condition_is_refused() {
      assertAccepted(Draft.of(ISSUER_X).rule(rule("members").inGroups("a", "$ {subject}")));
      assertRefused(
          Draft.of(ISSUER_X).rule(rule("members").inGroups("a", "${subject}")),
          "rules[0].when.groups",
          "write the value");
      assertAccepted(Draft.of(ISSUER_X).rule(rule("members").claiming("tenant", "a")));
      assertRefused(
          Draft.of(ISSUER_X).rule(rule("members").claiming("tenant", "${subject}")),
          "rules[0].when.claims.tenant",
          "write the value");
    }

    @Test
    void a_claim_needs_a_value_to_be_compared_with() {
      assertRefused(
          Draft.of(ISSUER_X).rule(rule("members").claiming("tenant")),
          "rules[0].when.claims.tenant",
          "add at least one value");
    }

    @Test
    void a_rule_after_one_for_everybody_is_warned_about() {
      assertWarned(
          Draft.of(ISSUER_X).rule(rule("everyone")).rule(rule("members").inGroups("members")),
          "rules[1]",
          "never matches: rule everyone matches its callers first");
      assertAccepted(
          Draft.of(ISSUER_X).rule(rule("members").inGroups("members")).rule(rule("everyone")));
    }

    @Test
    void a_rule_after_one_for_each_way_in_is_warned_about() {
      assertWarned(
          Draft.of(ISSUER_X, PASSWORDS)
              .rule(rule("x").claiming("iss", X).tokenId("x/${subject}"))
              .rule(rule("p").claiming("iss", "password").tokenId("p/${subject}"))
              .rule(rule("rest")),
          "rules[2]",
          "never matches: rule x, p matches its callers first");
    }

    @Test
    @Tag("T3")
    void what_callers_of_two_issuers_with_the_same_subject_share_is_warned_about() {
      assertWarned(
          own("profile-${subject}", "profile-${subject}"),
          "rules[1].permissions[0]",
          "can access the same resources");
      assertWarned(
          own("${subject}", "profile-${subject}"), "rules[1].permissions[0]", "password and one");
      assertWarned(
          own("${claims.sub}-${subject}", "${subject}"), "rules[1].permissions[0]", "(rules[0]");
      assertAccepted(own("x-${subject}", "p-${subject}"));
      assertAccepted(own("profile-${subject}", "profile"));
      assertAccepted(own("${claims.iss}|${subject}", "${claims.iss}|${subject}"));
      assertAccepted(own("news", "news"));
      assertAccepted(
          Draft.of(ISSUER_X)
              .rule(rule("staff").inGroups("staff").gives(key("${subject}")))
              .rule(rule("members").gives(key("${subject}"))));
    }

    private static Draft own(String keyOfX, String keyOfPasswords) {
      return Draft.of(ISSUER_X, PASSWORDS)
          .rule(rule("x").claiming("iss", X).tokenId("x/${subject}").gives(key(keyOfX)))
          .rule(rule("p").tokenId("p/${subject}").gives(key(keyOfPasswords)));
    }

    @Test
    void a_rule_that_no_way_in_can_meet_is_warned_about() {
      assertAccepted(Draft.of(ISSUER_X).rule(rule("members").inGroups("members")));
      assertWarned(
          Draft.of(OPEN).rule(rule("members").inGroups("members")),
          "rules[0].when",
          "no authentication method has such callers");
      assertWarned(
          Draft.of(ISSUER_X).rule(rule("members").claiming("iss", Y)),
          "rules[0].when",
          "no authentication method has such callers");
      assertWarned(
          Draft.of(PASSWORDS).rule(rule("members").claiming("tenant", "acme")),
          "rules[0].when",
          "no authentication method has such callers");
    }
  }

  private static List<PolicyProblem> errors(Draft draft) {
    return switch (Policy.compile(draft.document())) {
      case Compilation.Compiled(Policy policy, var warnings) -> List.of();
      case Compilation.Rejected(var errors, var warnings) -> errors;
    };
  }

  private static void assertAccepted(Draft draft) {
    Compilation compilation = Policy.compile(draft.document());
    assertThat(compilation).isInstanceOf(Compilation.Compiled.class);
    assertThat(((Compilation.Compiled) compilation).warnings()).isEmpty();
  }

  private static void assertWarned(Draft draft, String path, String words) {
    Compilation compilation = Policy.compile(draft.document());
    assertThat(compilation).isInstanceOf(Compilation.Compiled.class);
    List<PolicyProblem> warnings = ((Compilation.Compiled) compilation).warnings();
    assertThat(warnings).extracting(PolicyProblem::path).containsExactly(path);
    assertThat(warnings.getFirst().message()).contains(words);
  }

  private static void assertRefused(Draft draft, String path, String words) {
    Compilation compilation = Policy.compile(draft.document());
    assertThat(compilation).isInstanceOf(Compilation.Rejected.class);
    List<PolicyProblem> errors = ((Compilation.Rejected) compilation).errors();
    assertThat(errors).extracting(PolicyProblem::path).as(errors.toString()).containsExactly(path);
    assertThat(errors.getFirst().message()).contains(words);
  }
}
