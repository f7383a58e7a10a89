package tokenvending.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.identity.Claim;
import tokenvending.identity.Principal;
import tokenvending.policy.Decision.Reason;
import tokenvending.policy.Template.Rendered;
import tokenvending.policy.Template.Rendered.Text;
import tokenvending.policy.Template.Rendered.Unusable;

@Tag("T18")
final class TemplateTest {
  @Test
  void values_take_their_places() {
    Principal ann = caller("ann", Map.of("tenant", new Claim.One("acme")));

    assertThat(
            exact("a-${subject}/${claims.tenant}/${request.room}-z")
                .render(ann, Map.of("room", "1")))
        .isEqualTo(new Text("a-ann/acme/1-z"));
    assertThat(exact("plain").render(ann, Map.of())).isEqualTo(new Text("plain"));
    assertThat(exact("${subject}").render(ann, Map.of())).isEqualTo(new Text("ann"));
  }

  @Test
  void issuer_and_subject_are_known_as_claims() {
    Principal ann = caller("ann", Map.of("sub", new Claim.One("bob"), "iss", new Claim.One("z")));

    assertThat(exact("${claims.sub}").render(ann, Map.of())).isEqualTo(new Text("ann"));
    assertThat(exact("${claims.iss}").render(ann, Map.of())).isEqualTo(new Text(Draft.X));
  }

  @Test
  void a_value_is_text_and_is_not_read_again() {
    for (String hostile :
        List.of(
            "${subject}",
            "${claims.tenant}",
            "${request.room}",
            "$0",
            "\\",
            "*",
            "all",
            "a/../b",
            "x,y",
            "\"",
            "%s",
            "{name: all}",
            " a ")) {
      Principal caller = caller(hostile, Map.of("tenant", new Claim.One(hostile)));

      assertThat(exact("a-${subject}").render(caller, Map.of()))
          .isEqualTo(new Text("a-" + hostile));
      assertThat(exact("a-${claims.tenant}").render(caller, Map.of()))
          .isEqualTo(new Text("a-" + hostile));
      assertThat(exact("a-${request.room}").render(caller, Map.of("room", hostile)))
          .isEqualTo(new Text("a-" + hostile));
    }
  }

  @Test
  void a_missing_value_is_refused() {
    Principal ann = caller("ann", Map.of());

    assertUnusable(exact("${subject}"), Principal.anonymous(), Reason.VALUE_MISSING);
    assertUnusable(exact("${claims.iss}"), Principal.anonymous(), Reason.VALUE_MISSING);
    assertUnusable(exact("${claims.tenant}"), ann, Reason.VALUE_MISSING);
    assertUnusable(exact("${claims.subject}"), ann, Reason.VALUE_MISSING);
    assertUnusable(exact("${request.room}"), ann, Reason.VALUE_MISSING);
  }

  @Test
  void a_list_is_no_value() {
    assertUnusable(
        exact("${claims.tenant}"),
        caller("ann", Map.of("tenant", new Claim.Many(List.of("acme")))),
        Reason.VALUE_NOT_TEXT);
    assertUnusable(
        exact("${claims.tenant}"),
        caller("ann", Map.of("tenant", new Claim.Members(Map.of("id", new Claim.One("acme"))))),
        Reason.VALUE_NOT_TEXT);
  }

  @Test
  void a_claim_inside_an_object_is_named_by_its_path() {
    Claim inner = new Claim.Members(Map.of("tenant", new Claim.One("acme")));
    Template template = exact("room-${claims.app_metadata.tenant}");
    assertThat(template.render(caller("ann", Map.of("app_metadata", inner)), Map.of()))
        .isEqualTo(new Text("room-acme"));
    Map<String, Claim> both =
        Map.of("app_metadata", inner, "app_metadata.tenant", new Claim.One("literal"));
    assertThat(template.render(caller("ann", both), Map.of())).isEqualTo(new Text("room-literal"));
    assertUnusable(
        template,
        caller("ann", Map.of("app_metadata", new Claim.One("acme"))),
        Reason.VALUE_MISSING);
  }

  @Test
  void an_empty_value_is_refused() {
    assertUnusable(exact("a-${subject}"), caller("", Map.of()), Reason.VALUE_EMPTY);
    assertUnusable(
        exact("a-${claims.tenant}"),
        caller("ann", Map.of("tenant", new Claim.One(""))),
        Reason.VALUE_EMPTY);
  }

  @Test
  void a_value_of_more_than_255_units_is_refused() {
    assertThat(exact("${subject}").render(caller("a".repeat(255), Map.of()), Map.of()))
        .isEqualTo(new Text("a".repeat(255)));
    assertUnusable(exact("${subject}"), caller("a".repeat(256), Map.of()), Reason.VALUE_TOO_LONG);
    assertUnusable(
        exact("${subject}"), caller("a".repeat(10_000), Map.of()), Reason.VALUE_TOO_LONG);
  }

  @Test
  void an_unprintable_value_is_refused() {
    for (String bad :
        List.of(
            "a\u0000",
            "a\n",
            "\ta",
            "a\u007F",
            "a\u0085",
            "a\u202Eb",
            "a\u200Fb",
            "\u200B",
            "\uFEFFa",
            "\uD800",
            "a\uDC00",
            "\uDC00\uD800",
            "a\u2028",
            "a\u2029",
            "a\uDB40\uDC41",
            " ",
            "\u00A0",
            "a\u3164",
            "\u2800",
            "a\u034Fb",
            "a\uFE0F",
            "\uE000",
            "\u0378")) {
      assertUnusable(exact("a-${subject}"), caller(bad, Map.of()), Reason.VALUE_UNPRINTABLE);
    }
  }

  @Test
  void a_value_in_a_prefix_does_not_hold_the_delimiter() {
    Template rooms = prefix("room-${subject}/");

    assertThat(rooms.render(caller("a", Map.of()), Map.of())).isEqualTo(new Text("room-a/"));
    assertThat(rooms.render(caller("a-b", Map.of()), Map.of())).isEqualTo(new Text("room-a-b/"));
    assertUnusable(rooms, caller("a/b", Map.of()), Reason.VALUE_HOLDS_DELIMITER);
    assertUnusable(rooms, caller("a/", Map.of()), Reason.VALUE_HOLDS_DELIMITER);
    assertUnusable(rooms, caller("/", Map.of()), Reason.VALUE_HOLDS_DELIMITER);
  }

  @Test
  void a_delimiter_is_known_by_its_first_character() {
    Template long_ = prefix("${subject}::");

    assertThat(long_.render(caller("a", Map.of()), Map.of())).isEqualTo(new Text("a::"));
    assertUnusable(long_, caller("a:", Map.of()), Reason.VALUE_HOLDS_DELIMITER);

    Template emoji = prefix("${subject}😀");
    assertThat(emoji.render(caller("a😁", Map.of()), Map.of())).isEqualTo(new Text("a😁😀"));
    assertUnusable(emoji, caller("a😀", Map.of()), Reason.VALUE_HOLDS_DELIMITER);
  }

  @Test
  void a_value_before_another_does_not_hold_what_stands_between() {
    Template both = exact("${claims.tenant}/${subject}");

    assertThat(both.render(caller("b/c", Map.of("tenant", new Claim.One("a"))), Map.of()))
        .isEqualTo(new Text("a/b/c"));
    assertUnusable(
        both, caller("c", Map.of("tenant", new Claim.One("a/b"))), Reason.VALUE_HOLDS_DELIMITER);
  }

  @Test
  void a_value_at_the_end_of_an_exact_name_may_hold_anything_printable() {
    assertThat(exact("room-${subject}/").render(caller("a/b", Map.of()), Map.of()))
        .isEqualTo(new Text("room-a/b/"));
  }

  @Test
  void only_templates_without_values_are_constant() {
    assertThat(exact("news").isConstant()).isTrue();
    assertThat(exact("$news{}").isConstant()).isTrue();
    assertThat(exact("${subject}").isConstant()).isFalse();
    assertThat(exact("a${claims.b}c").isConstant()).isFalse();
  }

  @Test
  void what_a_template_asks_for_is_known() {
    Template all = exact("${subject}/${claims.tenant}/${request.a}/${request.b}");

    assertThat(all.holdsSubject()).isTrue();
    assertThat(all.isVerified()).isTrue();
    assertThat(exact("${claims.tenant}").isVerified()).isTrue();
    assertThat(exact("${subject}").isVerified()).isTrue();
    assertThat(exact("${request.a}").isVerified()).isFalse();
    assertThat(all.requestNames()).containsExactly("a", "b");
    assertThat(all.source()).isEqualTo("${subject}/${claims.tenant}/${request.a}/${request.b}");
    assertThat(exact("subject").holdsSubject()).isFalse();
    assertThat(exact("claims.tenant").isVerified()).isFalse();
    assertThat(exact("request.a").requestNames()).isEmpty();
  }

  @Test
  void templates_that_can_give_one_text_may_coincide() {
    assertThat(coincide("a", "a")).isTrue();
    assertThat(coincide("${subject}", "a")).isTrue();
    assertThat(coincide("a-${subject}", "a-b")).isTrue();
    assertThat(coincide("${subject}-b", "a-b")).isTrue();
    assertThat(coincide("a-${subject}", "${subject}-b")).isTrue();
    assertThat(coincide("a-${subject}", "a-b-${subject}")).isTrue();
    assertThat(coincide("${subject}", "${claims.x}")).isTrue();
    assertThat(coincide("ab${subject}ba", "abxba")).isTrue();
  }

  @Test
  void templates_that_cannot_give_one_text_do_not_coincide() {
    assertThat(coincide("a", "b")).isFalse();
    assertThat(coincide("a-${subject}", "b-${subject}")).isFalse();
    assertThat(coincide("${subject}-a", "${subject}-b")).isFalse();
    assertThat(coincide("a-${subject}", "a-")).isFalse();
    assertThat(coincide("a-${subject}", "a")).isFalse();
    assertThat(coincide("ab${subject}ba", "aba")).isFalse();
    assertThat(coincide("ab${subject}ba", "abba")).isFalse();
  }

  private static boolean coincide(String one, String other) {
    boolean there = exact(one).mayCoincide(exact(other));
    assertThat(exact(other).mayCoincide(exact(one))).isEqualTo(there);
    return there;
  }

  private static void assertUnusable(Template template, Principal caller, Reason reason) {
    Rendered rendered = template.render(caller, Map.of());
    assertThat(rendered).isEqualTo(new Unusable(reason));
  }

  private static Template exact(String source) {
    return parsed(source, false);
  }

  private static Template prefix(String source) {
    return parsed(source, true);
  }

  private static Template parsed(String source, boolean prefix) {
    return Template.parse(
            source,
            prefix,
            problem -> {
              throw new AssertionError(problem);
            })
        .orElseThrow();
  }

  private static Principal caller(String subject, Map<String, Claim> claims) {
    return Principal.verified(Draft.X, subject, Set.of(), claims, Optional.empty());
  }
}
