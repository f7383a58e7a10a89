package tokenvending.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.api.ApiResponse;
import tokenvending.application.Application;
import tokenvending.momentolocal.MomentoLocalOptions;
import tokenvending.testing.NaiveEvaluator.Statement;
import tokenvending.testing.SentRequest;

/** Whatever a caller is called, carries or sends: he gets what the file says, or nothing. */
@Tag("T1")
@Tag("T18")
@Tag("T3")
final class ClaimsCannotWidenTest {
  private static final String RULES =
      """
      parameters:
        room: { max-length: 64 }
      rules:
        - id: moderators
          when: { groups: [moderators] }
          permissions:
            - { role: PublishSubscribe, cache: all, topic: all }
        - id: members
          permissions:
            - { role: SubscribeOnly, cache: chat, topic: "room-${request.room}" }
            - { role: ReadWrite, cache: chat, item: { key: "profile-${subject}" } }
            - { role: ReadOnly, cache: chat, item: { key-prefix: "${claims.tenant}/" } }
      """;

  private static final List<Statement> USUAL = members("1", "ann", "acme");

  @TempDir private static Path folder;
  private static Stage stage;
  private static Application application;

  @BeforeAll
  static void start() {
    stage =
        Stage.start(folder, MomentoLocalOptions.defaults().withAuthOperationsPerSecond(1_000_000));
    application =
        stage.under(
            stage.configuration(
                "momento: { budget: 1000/s }\nauthentication:\n" + stage.method() + RULES));
  }

  @AfterAll
  static void stop() {
    stage.close();
  }

  /** Full-width letters, and a text that is not in normalization form C. */
  private static final List<String> MISTAKABLE = List.of("ａｌｌ", "a\u0301");

  static Stream<String> hostileNames() {
    return Stream.of(
        "${subject}",
        "${claims.tenant}",
        "${request.room}",
        "${",
        "}",
        "*",
        "**",
        "all",
        "ALL",
        "moderators",
        "a/b",
        "acme/",
        "/",
        "../acme",
        "x,y",
        "x y",
        " ",
        "\"",
        "\\",
        "'",
        "{prefix: a}",
        "1 topic=all",
        "1\" topic=all",
        "PublishSubscribe cache=all topic=all",
        "%2a",
        "$(id)",
        "a\tb",
        "a\nb",
        "a\r\nx: y",
        "\u0000",
        "a\u0000",
        "\u007f",
        "\u0085",
        "\u200b",
        "\u200f",
        "\u202eann",
        "\u2028",
        "\u2029",
        "\ufeffann",
        "\ud800",
        "\udc00a",
        "\ud83e\uddff",
        "ａｌｌ",
        "\u00a0",
        "a\u2003b",
        "\u3164",
        "a\u2800",
        "a\u034fb",
        "\u2764\ufe0f",
        "\ue000",
        "\u0378",
        "a\u0301",
        "",
        "a".repeat(255),
        "a".repeat(256),
        "a".repeat(10_000));
  }

  private static boolean isFit(String value) {
    return !value.isBlank()
        && value.length() <= 255
        && !value.codePoints().anyMatch(ClaimsCannotWidenTest::isUnprintable);
  }

  private static boolean isUnprintable(int codePoint) {
    return new String(Character.toChars(codePoint))
        .matches("[\\p{C}\\p{Zl}\\p{Zp}\\x{A0}\\x{34F}\\x{2003}\\x{2800}\\x{3164}\\x{FE0F}]");
  }

  private static String tenant(String value) {
    return ",\"tenant\":" + Stage.quoted(value);
  }

  private static ApiResponse ask(String query, String jwt) {
    return Stage.get(application, query, Stage.bearer(jwt));
  }

  private static void isRefused(ApiResponse answer, int before) {
    assertThat(answer.status()).isBetween(400, 499);
    assertThat(Stage.isClosed(answer)).as(Stage.text(answer)).isTrue();
    assertThat(stage.minted).as("nothing was minted").hasSize(before);
  }

  private static void isGranted(ApiResponse answer, int before, List<Statement> statements) {
    assertThat(answer.status()).isEqualTo(200);
    assertThat(stage.minted).hasSize(before + 1);
    assertThat(SentRequest.ofFrame(stage.minted.getLast()).statements())
        .containsExactlyInAnyOrderElementsOf(statements);
  }

  /** What the rule of that name gives. */
  private static List<Statement> members(String room, String subject, String tenant) {
    return List.of(
        new Statement("topic", Set.of("subscribe"), false, "chat", "exact", "room-" + room),
        new Statement(
            "item", Set.of("read", "write"), false, "chat", "exact", "profile-" + subject),
        new Statement("item", Set.of("read"), false, "chat", "prefix", tenant + "/"));
  }

  private static String tokenId() {
    return SentRequest.ofFrame(stage.minted.getLast()).tokenId().orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("hostileNames")
  void subject_is_text_or_refused(String name) {
    int before = stage.minted.size();

    ApiResponse answer = ask("room=1", stage.jwt(name, tenant("acme")));

    if (isFit(name)) {
      isGranted(answer, before, members("1", name, "acme"));
      String id = tokenId();
      assertThat(id)
          .matches(
              got ->
                  (name.length() > 64 || MISTAKABLE.contains(name))
                      ? got.startsWith("sha256:")
                      : got.equals(name));
    } else {
      isRefused(answer, before);
    }
  }

  @ParameterizedTest
  @MethodSource("hostileNames")
  void claim_is_text_or_refused(String name) {
    int before = stage.minted.size();

    ApiResponse answer = ask("room=1", stage.jwt("ann", tenant(name)));

    if (isFit(name) && !name.contains("/")) {
      isGranted(answer, before, members("1", "ann", name));
    } else {
      isRefused(answer, before);
    }
  }

  @ParameterizedTest
  @MethodSource("hostileNames")
  void parameter_is_text_or_refused(String name) {
    int before = stage.minted.size();
    // A lone surrogate has no UTF-8 form: its three bytes are what somebody could send.
    String encoded =
        name.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE)
            ? "%ED%A0%80"
            : URLEncoder.encode(name, UTF_8);

    ApiResponse answer = ask("room=" + encoded, stage.jwt("ann", tenant("acme")));

    if (isFit(name) && name.length() <= 64) {
      isGranted(answer, before, members(name, "ann", "acme"));
    } else {
      isRefused(answer, before);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "usergroup",
        "cachename",
        "groups",
        "group",
        "role",
        "permission",
        "x-amzn-requestcontext",
        "x-amzn-oidc-data",
        "x-amzn-oidc-identity",
        "x-apigateway-event",
        "x-forwarded-user",
        "x-forwarded-groups",
        "x-forwarded-for",
        "forwarded",
        "remote-user",
        "x-user",
        "x-original-url",
        "x-http-method-override",
        "cookie",
        "from"
      })
  void header_grants_nothing(String header) {
    for (String value :
        List.of(
            "moderators",
            "{\"authorizer\":{\"claims\":{\"cognito:groups\":\"moderators\"}}}",
            "PublishSubscribe cache=all topic=all")) {
      int before = stage.minted.size();
      Map<String, String> headers = new HashMap<>(Stage.bearer(stage.jwt("ann", tenant("acme"))));
      headers.put(header, value);

      isGranted(Stage.get(application, "room=1", headers), before, USUAL);
      assertThat(tokenId()).isEqualTo("ann");
    }
  }

  @Test
  void claims_that_are_no_groups_make_no_moderator() {
    for (String claims :
        List.of(
            ",\"group\":\"moderators\"",
            ",\"Groups\":[\"moderators\"]",
            ",\"groups \":[\"moderators\"]",
            ",\"usergroup\":\"moderators\"",
            ",\"roles\":[\"moderators\"]",
            ",\"cognito:groups\":[\"moderators\"]",
            ",\"groups\":[\"Moderators\",\"moderators \",\"moderator\",\"*\",\"all\"]",
            ",\"groups\":[[\"moderators\"]]",
            // A role map names those whose value is true or says more (docs/configuration.md).
            ",\"groups\":{\"moderators\":false}",
            ",\"groups\":{\"moderators\":{}}",
            ",\"groups\":{\"moderators\":\"yes\"}",
            ",\"groups\":{\"roles\":{\"moderators\":true}}",
            ",\"groups\":\"members,moderators\"",
            ",\"groups\":\"members moderators\"",
            ",\"groups\":true",
            ",\"permissions\":[\"PublishSubscribe cache=all topic=all\"]",
            ",\"scope\":\"moderators\"",
            ",\"x\":{\"groups\":[\"moderators\"]}")) {
      int before = stage.minted.size();

      isGranted(ask("room=1", stage.jwt("ann", tenant("acme") + claims)), before, USUAL);
    }
    int before = stage.minted.size();
    // A member that stands twice means two things to two readers.
    isRefused(
        ask(
            "room=1",
            stage.jwt("ann", tenant("acme") + ",\"groups\":[],\"groups\":[\"moderators\"]")),
        before);
    isGranted(
        ask("room=1", stage.jwt("ann", tenant("acme") + ",\"groups\":[\"moderators\"]")),
        before,
        List.of(new Statement("topic", Set.of("publish", "subscribe"), true, "", "all", "")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "usergroup=moderators",
        "cachename=all",
        "cache=all",
        "groups=moderators",
        "role=ReadWrite",
        "tokenId=bob",
        "token-id=bob",
        "subject=bob",
        "claims.tenant=rival",
        "tenant=rival",
        "room=2",
        "ROOM=2",
        "Room=2",
        "room%00=2",
        "room%5B%5D=2",
        "%72oom=2",
        "=x",
        "name",
        "permission=PublishSubscribe+cache%3Dall+topic%3Dall",
        "permission=SubscribeOnly+cache%3Dchat+topic-prefix%3Droom-",
        "permission=SubscribeOnly+cache%3Dchat+topic%3Droom-2",
        "permission=ReadWrite+cache%3Dchat+key%3D%22profile-%24%7Bsubject%7D%22",
        "permission=ReadOnly+cache%3Dchat+key-prefix%3Dacme",
        "permission=",
        "permission=SuperUser",
        "ttl=3601",
        "ttl=25h",
        "ttl=0",
        "ttl=-1",
        "ttl=1&ttl=2",
        "ttl=99999999999999999999"
      })
  void query_that_says_more_than_it_may_is_refused(String more) {
    int before = stage.minted.size();

    isRefused(ask("room=1&" + more, stage.jwt("ann", tenant("acme"))), before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"room\":\"1\",\"groups\":[\"moderators\"]}",
        "{\"room\":\"1\",\"usergroup\":\"moderators\"}",
        "{\"room\":\"1\",\"permissions\":[\"PublishSubscribe cache=all topic=all\"]}",
        "{\"room\":\"1\",\"permission\":[\"PublishSubscribe cache=all topic=all\"]}",
        "{\"room\":\"1\",\"permission\":\"ReadOnly cache=all\"}",
        "{\"room\":\"1\",\"permission\":{\"role\":\"ReadWrite\"}}",
        "{\"room\":\"1\",\"subject\":\"bob\"}",
        "{\"room\":\"1\",\"tokenId\":\"bob\"}",
        "{\"room\":\"1\",\"__proto__\":{\"groups\":[\"moderators\"]}}",
        "{\"room\":\"1\",\"room\":\"2\"}",
        "{\"room\":[\"1\",\"2\"]}",
        "{\"room\":{\"prefix\":\"\"}}",
        "{\"room\":null}",
        "{\"room\":true}",
        "{\"room\":\"1\\u0000\"}",
        "{\"room\":\"\\ud800\"}",
        "{\"room\":\"1\",\"ttl\":90000}",
        "{\"room\":\"1\"}{\"room\":\"2\"}",
        "[{\"room\":\"1\"}]",
        "{\"room\":\"1\",}",
        "{room:\"1\"}",
        "\"room\"",
        "null"
      })
  void body_that_says_more_than_it_may_is_refused(String body) {
    int before = stage.minted.size();
    Map<String, String> headers = new HashMap<>(Stage.bearer(stage.jwt("ann", tenant("acme"))));
    headers.put("content-type", "application/json");

    isRefused(application.api().handle(Stage.request("POST", "", headers, body)), before);
    isGranted(
        application.api().handle(Stage.request("POST", "", headers, "{\"room\":\"1\"}")),
        before,
        USUAL);
  }

  @Test
  void half_of_a_caller_is_not_enough() {
    int before = stage.minted.size();
    List<String> jwts =
        new ArrayList<>(List.of(stage.jwt("ann", ""), stage.jwt("", tenant("acme"))));
    jwts.add(stage.jwt("ann", ",\"tenant\":[\"acme\",\"rival\"]"));
    jwts.add(stage.jwt("ann", ",\"tenant\":{\"acme\":1}"));
    jwts.add(stage.jwt("ann", ",\"tenant\":null"));

    for (String jwt : jwts) {
      isRefused(ask("room=1", jwt), before);
    }
  }
}
