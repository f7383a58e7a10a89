package tokenvending.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.permission.CacheRole;
import tokenvending.policy.PermissionDocument;
import tokenvending.policy.SelectorDocument;

/** What selects more or less than its author might think. */
@Tag("T19")
final class SelectorTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "role: SubscribeOnly, cache: chat, topic: \"room-*\" | topic | {prefix: \"room-\"} for"
            + " every name",
        "role: SubscribeOnly, cache: chat, topic: \"*\" | topic | all, without quotes, for"
            + " everything",
        "role: SubscribeOnly, cache: chat, topic: \"*-room\" | topic | {name: \"*-room\"}",
        "role: SubscribeOnly, cache: chat, topic: \"a*b\" | topic | {prefix: \"a\"}",
        "role: SubscribeOnly, cache: chat, topic: \"room-${subject}-*\" | topic | {prefix:"
            + " \"room-${subject}-\"}",
        "role: SubscribeOnly, cache: chat, topic: { prefix: \"news/*\" } | topic.prefix | {prefix:"
            + " \"news/\"}",
        "role: SubscribeOnly, cache: \"chat-*\", topic: a | cache | all, without quotes, for"
            + " everything",
        "role: ReadWrite, cache: chat, item: { key: \"user:*\" } | item.key | {key-prefix:"
            + " \"user:\"}",
        "role: ReadWrite, cache: chat, item: { key-prefix: \"user:*\" } | item.key-prefix |"
            + " {key-prefix: \"user:\"}",
        "role: Invoke, cache: chat, function: \"run-*\" | function | {prefix: \"run-\"}",
        "role: Invoke, cache: chat, function: { prefix: \"run-*\" } | function.prefix | {prefix:"
            + " \"run-\"}"
      })
  void star_in_a_selector_is_an_error_that_shows_what_to_write(
      String permission, String place, String hint) {
    assertThat(Good.errors(file("{ " + permission + " }")))
        .singleElement()
        .asString()
        .contains("rules[0].permissions[0]." + place + ": * is not a wildcard: ")
        .contains(hint)
        .contains("{name: \"");
  }

  @Test
  void item_that_is_a_star_is_an_error() {
    assertThat(Good.errors(file("{ role: ReadWrite, cache: chat, item: \"*\" }")))
        .singleElement()
        .asString()
        .contains("item: expected all, {key: …} or {key-prefix: …}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "role: SubscribeOnly, cache: { name: \"a*\" }, topic: { name: \"a*\" }",
        "role: SubscribeOnly, cache: { name: \"a*\" }, topic: { prefix: { name: \"a*\" } }",
        "role: ReadOnly, cache: { name: \"a*\" }, item: { key: { name: \"a*\" } }",
        "role: ReadOnly, cache: { name: \"a*\" }, item: { key-prefix: { name: \"a*\" } }",
        "role: Invoke, cache: { name: \"a*\" }, function: { name: \"a*\" }"
      })
  void star_in_an_exact_text_is_that_character(String permission) {
    PermissionDocument read =
        Good.configuration(file("{ " + permission + " }"))
            .policyDocument()
            .rules()
            .getFirst()
            .permissions()
            .getFirst();
    assertThat(read.cache()).isEqualTo(new SelectorDocument.Exact("a*"));
    assertThat(read.target())
        .isIn(new SelectorDocument.Exact("a*"), new SelectorDocument.Prefix("a*"));
  }

  @Test
  void star_in_a_token_id_is_an_error() {
    assertThat(
            Good.errors(
                file("{ role: ReadOnly, cache: a, item: all }")
                    .replace("permissions:", "token-id: \"guest-*\"\n    permissions:")))
        .singleElement()
        .asString()
        .contains("rules[0].token-id: a token id has no wildcards");
  }

  @Test
  void star_in_a_condition_matches_itself_with_a_warning() {
    assertThat(
            Good.warnings(
                """
                authentication: [ { oidc: { issuer: "https://a.example/", audience: a } } ]
                rules:
                  - id: r
                    when: { groups: ["admin*"], claims: { tenant: "*" } }
                    permissions: [ { role: ReadOnly, cache: a, item: all } ]
                """))
        .anySatisfy(
            warning ->
                assertThat(warning)
                    .contains("rules[0].when.groups: a condition has no wildcards", "\"admin*\""))
        .anySatisfy(
            warning ->
                assertThat(warning)
                    .contains("rules[0].when.claims: a condition has no wildcards", "\"*\""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ReadWrite", "ReadOnly", "WriteOnly"})
  void cache_role_without_items_is_for_all_items_with_a_warning(String role) {
    String file = file("{ role: " + role + ", cache: chat }");
    assertThat(Good.warnings(file))
        .anySatisfy(
            warning ->
                assertThat(warning)
                    .startsWith("tvm.yaml:5: warning: rules[0].permissions[0]")
                    .contains("without `item:`, the permission is for all items"));
    assertThat(
            Good.configuration(file).policyDocument().rules().getFirst().permissions().getFirst())
        .isEqualTo(
            new PermissionDocument(
                CacheRole.valueOf(constant(role)),
                new SelectorDocument.Exact("chat"),
                new SelectorDocument.All()));
    assertThat(Good.warnings(file.replace("chat }", "chat, item: all }")))
        .noneMatch(warning -> warning.contains("item"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\\u3164",
        "\\u2800",
        "a\\u00A0b",
        "a\\u034F",
        "\\uFE0F",
        "\\u200B",
        "\\uE000",
        " "
      })
  void name_that_cannot_be_seen_is_an_error(String name) {
    for (String file :
        new String[] {
          file("{ role: SubscribeOnly, cache: chat, topic: \"" + name + "\" }"),
          file("{ role: ReadOnly, cache: \"" + name + "\", item: all }"),
          file("{ role: ReadOnly, cache: a, item: { key: \"" + name + "\" } }"),
          file("{ role: ReadOnly, cache: a, item: all }")
              .replace("permissions:", "when: { groups: [\"" + name + "\"] }\n    permissions:")
        }) {
      assertThat(Good.errors(file)).isNotEmpty();
    }
  }

  private static String constant(String role) {
    return role.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(java.util.Locale.ROOT);
  }

  private static String file(String permission) {
    return """
    authentication: [ open ]
    rules:
      - id: r
        permissions:
          - %s
    """
        .formatted(permission);
  }
}
