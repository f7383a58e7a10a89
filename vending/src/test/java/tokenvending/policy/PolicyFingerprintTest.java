package tokenvending.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.policy.Draft.ISSUER_X;
import static tokenvending.policy.Draft.ISSUER_Y;
import static tokenvending.policy.Draft.OPEN;
import static tokenvending.policy.Draft.PASSWORDS;
import static tokenvending.policy.Draft.everything;
import static tokenvending.policy.Draft.key;
import static tokenvending.policy.Draft.keys;
import static tokenvending.policy.Draft.rule;
import static tokenvending.policy.Draft.topic;
import static tokenvending.policy.Draft.topics;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tokenvending.permission.CacheRole;
import tokenvending.permission.FunctionRole;
import tokenvending.permission.TopicRole;
import tokenvending.request.Parameter;

class PolicyFingerprintTest {
  private static PolicyDocument with(Draft.RuleDraft... rules) {
    Draft draft = Draft.of(OPEN);
    for (Draft.RuleDraft rule : rules) {
      draft.rule(rule);
    }
    return draft.document();
  }

  /** Each differs from each in what it says, some of them only in where it stands. */
  private static List<PolicyDocument> different() {
    return List.of(
        Draft.of().document(),
        Draft.of(OPEN).document(),
        Draft.of(PASSWORDS).document(),
        Draft.of(ISSUER_X).document(),
        Draft.of(ISSUER_Y).document(),
        Draft.of(OPEN, ISSUER_X).document(),
        Draft.of(new AuthenticationMethod.Issuer("open")).document(),
        Draft.of(OPEN).ttl(Duration.ofMinutes(1)).document(),
        Draft.of(OPEN).withinSession().document(),
        Draft.of(OPEN).required("name").document(),
        Draft.of(OPEN).optional("name").document(),
        Draft.of(OPEN).optional("room").document(),
        Draft.of(OPEN).optional("name").optional("room").document(),
        with(rule("a")),
        with(rule("b")),
        with(rule("a"), rule("b")),
        with(rule("b"), rule("a")),
        with(rule("a").ttl(Duration.ofMinutes(1))),
        with(rule("a").ttl(Duration.ofHours(1))),
        with(rule("a").tokenId("PT1M")),
        with(rule("a").tokenId("x")),
        with(rule("a").reuse(Reuse.CALLER)),
        with(rule("a").reuse(Reuse.EVERYONE)),
        with(rule("a").inGroups("g")),
        with(rule("a").inGroups("g", "h")),
        with(rule("a").inGroups("gh")),
        with(rule("a").inGroups("g, h")),
        with(rule("a").claiming("g", "h")),
        with(rule("a").claiming("g", "h", "i")),
        with(rule("a").claiming("g", "h, i")),
        with(rule("a").givesNothing()),
        with(rule("a").gives(topic("t"))),
        with(rule("a").gives(topics("t"))),
        with(rule("a").gives(key("t"))),
        with(rule("a").gives(keys("t"))),
        with(rule("a").gives(topic("all"))),
        with(rule("a").gives(topic("t"), topic("u"))),
        with(rule("a").gives(topic("u"), topic("t"))),
        with(rule("a").gives(everything(TopicRole.SUBSCRIBE_ONLY))),
        with(rule("a").gives(everything(TopicRole.PUBLISH_SUBSCRIBE))),
        with(rule("a").gives(everything(CacheRole.READ_WRITE))),
        with(rule("a").gives(everything(FunctionRole.INVOKE))));
  }

  @Test
  void policies_that_differ_have_different_fingerprints() {
    Map<String, PolicyDocument> seen = new HashMap<>();
    for (PolicyDocument document : different()) {
      assertThat(seen.put(document.version(), document)).as("%s", document).isNull();
    }
  }

  @Test
  void same_policy_read_twice_has_the_same_fingerprint() {
    assertThat(different().stream().map(PolicyDocument::version))
        .containsExactlyElementsOf(different().stream().map(PolicyDocument::version).toList());
  }

  /** Another process must find what this one has kept. */
  @Test
  void fingerprint_does_not_depend_on_the_process() {
    assertThat(with(rule("a").inGroups("g").claiming("c", "d")).version())
        .isEqualTo("cXUEQGeryQc8J8i4nP81EQ");
  }

  @Test
  void nothing_that_a_policy_can_say_is_left_out() {
    assertThat(
            Stream.of(
                PolicyDocument.class,
                RuleDocument.class,
                ConditionDocument.class,
                PermissionDocument.class,
                Parameter.class,
                AuthenticationMethod.Issuer.class,
                SelectorDocument.Exact.class,
                SelectorDocument.Prefix.class))
        .as("a new component wants its place in the fingerprint, and in the list above")
        .extracting(type -> type.getRecordComponents().length)
        .containsExactly(5, 6, 2, 3, 3, 1, 1, 1);
  }
}
