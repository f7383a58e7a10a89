package tokenvending.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tokenvending.testing.Golden;

/** Each bad file differs from the good one by one line. */
final class BadFileTest {
  static final String GOOD =
      """
      token:
        ttl: 1h
        within-session: false
      authentication:
        - oidc:
            issuer: https://login.example.com/
            audience: chat-web
        - cognito: { region: us-west-2, user-pool-id: us-west-2_abc, client-id: 1example23456789 }
        - password:
            users: file:users.yaml
        - open: {}
      parameters:
        name: { max-length: 64 }
        room: { max-length: 32, required: false }
      rules:
        - id: moderators
          when: { groups: [moderators], claims: { iss: "https://login.example.com/", tenant: acme } }
          ttl: 30m
          token-id: "acme/${subject}"
          permissions:
            - { role: PublishSubscribe, cache: chat, topic: { prefix: "room-" } }
            - { role: ReadWrite, cache: chat, item: { key: "profile-${subject}" } }
        - id: others
          token-id: "user/${subject}"
          when: { claims: { iss: password } }
          reuse: never
          permissions:
            - { role: SubscribeOnly, cache: chat, topic: "room-a" }
      limits:
        per-caller: 30/m
        per-address: 60/m
        trusted-proxies: [10.0.0.0/8]
      momento:
        api-key: env:MOMENTO_API_KEY
        endpoint: env:MOMENTO_ENDPOINT
        token-service: https://token.example.com
        budget: 5/s
        max-wait: 2s
      state: memory
      max-instances: 1
      cors:
        allow-origins: ["https://chat.example.com"]
      audit:
        to: stdout
      server:
        host: 127.0.0.1
        port: 8080
        tls: { certificate: file:cert.pem, key: file:key.pem }
        management-port: 9090
        demo-pages: false
      """;

  private static String with(int line, String replacement) {
    List<String> lines = GOOD.lines().toList();
    return IntStream.range(0, lines.size())
        .mapToObj(i -> i == line - 1 ? replacement : lines.get(i))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  @Test
  void the_good_file_is_good() {
    assertThat(Good.errors(GOOD)).isEmpty();
  }

  static Stream<Arguments> lines() {
    return Stream.of(
        Arguments.of(2, "  ttl: 1d"),
        Arguments.of(2, "  ttl: 60"),
        Arguments.of(2, "  ttl: 1:30"),
        Arguments.of(2, "  ttl: -1h"),
        Arguments.of(2, "  ttl: 1.5h"),
        Arguments.of(2, "  ttl: 500ms"),
        Arguments.of(2, "  ttl: [1h]"),
        Arguments.of(2, "  ttl: { hours: 1 }"),
        Arguments.of(2, "  ttl:"),
        Arguments.of(2, "  ttl: ~"),
        Arguments.of(2, "  ttl: &a 1h"),
        Arguments.of(2, "  ttl: !!str 1h"),
        Arguments.of(2, "  ttl: *a"),
        Arguments.of(2, "  <<: { ttl: 1h }"),
        Arguments.of(2, "  tll: 1h"),
        Arguments.of(2, "  [ttl]: 1h"),
        Arguments.of(3, "  ttl: 2h"),
        Arguments.of(3, "  within-session: yes"),
        Arguments.of(3, "  within-session: \"true\""),
        Arguments.of(3, "  within_session: true"),
        Arguments.of(6, "      issuer: http://login.example.com/"),
        Arguments.of(6, "      issuer: http://localhost.example.com/"),
        Arguments.of(6, "      issuer: ftp://login.example.com/"),
        Arguments.of(6, "      issuer: login.example.com"),
        Arguments.of(6, "      issuer: https://login.example.com/?a=b"),
        Arguments.of(6, "      issuer: https://ann:pw@login.example.com/"),
        Arguments.of(7, "      audience: 42"),
        Arguments.of(7, "      audience: []"),
        Arguments.of(8, "  - cognito: { region: us-west-2, client-id: 1example23456789 }"),
        Arguments.of(
            8,
            "  - cognito: { region: us-west-2, user-pool-id: eu-west-1_abc, client-id:"
                + " 1example23456789 }"),
        Arguments.of(
            8,
            "  - cognito: { region: us-west-2, user-pool-id: us-west-2_abc, client-id: 1234567890"
                + " }"),
        Arguments.of(8, "  - oidc: { issuer: \"https://login.example.com/\", audience: b }"),
        Arguments.of(8, "  - saml: {}"),
        Arguments.of(8, "  - {}"),
        Arguments.of(8, "  - closed"),
        Arguments.of(10, "      users: env:USERS"),
        Arguments.of(10, "      users: \"file: \""),
        Arguments.of(11, "  - open:"),
        Arguments.of(11, "  - open: { really: true }"),
        Arguments.of(13, "  name: { max-length: 0 }"),
        Arguments.of(13, "  name: { max-length: \"64\" }"),
        Arguments.of(13, "  name: {}"),
        Arguments.of(13, "  ttl: { max-length: 64 }"),
        Arguments.of(13, "  na me: { max-length: 64 }"),
        Arguments.of(13, "  no: { max-length: 64 }"),
        Arguments.of(16, "  - id: 0123"),
        Arguments.of(16, "  - id: \"a b\""),
        Arguments.of(17, "    when: {}"),
        Arguments.of(17, "    when: { groups: [] }"),
        Arguments.of(17, "    when: { claims: {} }"),
        Arguments.of(17, "    when: { groups: [2026-01-01] }"),
        Arguments.of(17, "    when: { group: [staff] }"),
        Arguments.of(17, "    when: { claims: { admin: true } }"),
        Arguments.of(19, "    token-id: \"${name}\""),
        Arguments.of(
            21, "      - { role: PublishSubscribe, cache: chat, topic: room-${request.room} }"),
        Arguments.of(
            21,
            "      - { role: PublishSubscribe, cache: chat, topic: { prefix: \"room-${subject}\" }"
                + " }"),
        Arguments.of(
            21, "      - { role: PublishSubscribe, cache: chat, topic: \"room-${request.rom}\" }"),
        Arguments.of(21, "      - { role: PublishSubscribe, cache: chat }"),
        Arguments.of(21, "      - { role: PublishSubscribe, cache: chat, topic: a, item: all }"),
        Arguments.of(21, "      - { role: Subscribe, cache: chat, topic: a }"),
        Arguments.of(21, "      - { role: SubscribeOnly, topic: a }"),
        Arguments.of(21, "      - { role: SubscribeOnly, cache: { prefix: a }, topic: a }"),
        Arguments.of(21, "      - { role: SubscribeOnly, cache: \"all\", topic: a }"),
        Arguments.of(21, "      - { role: SubscribeOnly, cache: \"*\", topic: a }"),
        Arguments.of(21, "      - { role: SubscribeOnly, cache: *, topic: a }"),
        Arguments.of(21, "      - { role: SubscribeOnly, cache: chat, topic: 1e3 }"),
        Arguments.of(21, "      - { role: SubscribeOnly, cache: chat, topic: 0x1F }"),
        Arguments.of(21, "      - { role: SubscribeOnly, cache: chat, topic: = }"),
        Arguments.of(21, "      - { role: SubscribeOnly, cache: chat, topic: 1:30 }"),
        Arguments.of(
            21, "      - { role: SubscribeOnly, cache: chat, topic: { prefix: a, name: b } }"),
        Arguments.of(22, "      - { role: ReadWrite, cache: chat, item: user }"),
        Arguments.of(22, "      - { role: ReadWrite, cache: chat, topic: user }"),
        Arguments.of(
            22, "      - { role: PublishOnly, cache: chat, topic: { prefix: \"room-\" } }"),
        Arguments.of(26, "    reuse: no"),
        Arguments.of(26, "    reuse: Never"),
        Arguments.of(30, "  per-caller: 30"),
        Arguments.of(30, "  per-caller: 0/m"),
        Arguments.of(30, "  per-caller: 30/d"),
        Arguments.of(30, "  per-caller: 30 / m"),
        Arguments.of(32, "  trusted-proxies: [10.0.0.1/8]"),
        Arguments.of(32, "  trusted-proxies: [10.0.0.0/33]"),
        Arguments.of(32, "  trusted-proxies: [proxy.example.com]"),
        Arguments.of(32, "  trusted-proxies: [10.1]"),
        Arguments.of(34, "  api-key: eyJhbGciOiJIUzI1NiJ9.secret"),
        Arguments.of(34, "  api-key: env:not-a-name"),
        Arguments.of(34, "  api-key: aws-secret:"),
        Arguments.of(35, "  endpoint: https://cell-1.example.com"),
        Arguments.of(36, "  token-service: http://token.example.com"),
        Arguments.of(36, "  token-service: https://token.example.com/path"),
        Arguments.of(37, "  budget: 5"),
        Arguments.of(38, "  max-wait: 2"),
        Arguments.of(38, "  max-wait: 5m"),
        Arguments.of(39, "state: disk"),
        Arguments.of(39, "state: redis://:hunter2@valkey"),
        Arguments.of(39, "stat: memory"),
        Arguments.of(40, "max-instances: 0"),
        Arguments.of(42, "  allow-origins: [\"https://chat.example.com/\"]"),
        Arguments.of(42, "  allow-origins: [\"https://*\"]"),
        Arguments.of(42, "  allow-origins: [\"https://*.com\"]"),
        Arguments.of(42, "  allow-origins: [\"https://*example.com\"]"),
        Arguments.of(42, "  allow-origins: [\"https://chat.*.com\"]"),
        Arguments.of(42, "  allow-origins: [\"https://a.*.example.com\"]"),
        Arguments.of(42, "  allow-origins: [\"https://*.*.example.com\"]"),
        Arguments.of(42, "  allow-origins: [\"https://*.example.com/\"]"),
        Arguments.of(42, "  allow-origins: [\"https://**.example.com\"]"),
        Arguments.of(42, "  allow-origins: [\"*://*.example.com\"]"),
        Arguments.of(42, "  allow-origins: [\"http://*.example.com\"]"),
        Arguments.of(42, "  allow-origins: [\"https://*.example.com:443\"]"),
        Arguments.of(42, "  allow-origins: [\"null\"]"),
        Arguments.of(42, "  allow-origins: [null]"),
        Arguments.of(42, "  allow-origins: [\"https://chat.example.com:443\"]"),
        Arguments.of(42, "  allow-origins: [\"HTTPS://chat.example.com\"]"),
        Arguments.of(42, "  allow-origins: [chat.example.com]"),
        Arguments.of(42, "  allow-origins: [\"*\", \"https://chat.example.com\"]"),
        Arguments.of(42, "  allow-origins: \"*\""),
        Arguments.of(44, "  to: stderr"),
        Arguments.of(46, "  host: \"a b\""),
        Arguments.of(47, "  port: 65536"),
        Arguments.of(47, "  port: 0x50"),
        Arguments.of(48, "  tls: { certificate: file:cert.pem }"),
        Arguments.of(48, "  tls: { certificate: cert.pem, key: file:key.pem }"),
        Arguments.of(49, "  management-port: 99999"),
        Arguments.of(49, "\tmanagement-port: 9090"),
        Arguments.of(50, "  demo-pages: on"));
  }

  @ParameterizedTest
  @MethodSource("lines")
  void a_bad_line_is_refused_with_its_number(int line, String replacement) {
    assertThat(Good.errors(with(line, replacement)))
        .singleElement()
        .asString()
        .startsWith("tvm.yaml:" + line + ": ");
  }

  @Test
  void messages_are_the_reviewed_ones() throws IOException {
    StringBuilder messages = new StringBuilder();
    lines()
        .map(Arguments::get)
        .forEach(
            row -> {
              messages.append(row[0]).append(" |").append(row[1]).append('\n');
              Good.errors(with((int) row[0], (String) row[1]))
                  .forEach(error -> messages.append("    ").append(error).append('\n'));
            });

    Golden.check("bad-lines.txt", messages.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "2, '  ttl: 26h', token.ttl",
    "2, '  ttl: 0s', token.ttl",
    "2, '  ttl: 90001s', token.ttl",
    "18, '    ttl: 26h', rules[0].ttl",
  })
  void a_life_that_momento_does_not_have_is_refused(int line, String replacement, String path) {
    assertThat(Good.errors(with(line, replacement)))
        .singleElement()
        .asString()
        .startsWith("tvm.yaml:" + line + ": " + path + ": expected ")
        .endsWith("1s to 25h, Momento's limit");
  }

  @Test
  void all_problems_are_told_at_once_in_the_order_of_the_file() {
    String file =
        """
        tokn: { ttl: 1h }
        token:
          ttl: 26h
        authentication:
          - open: {}
        rules:
          - id: first
            permissions:
              - { role: ReadWrit, cache: a }
              - { role: ReadWrite, cache: b }
              - { role: ReadOnly, cache: b }
              - { role: SubscribeOnly, cache: a, topic: "${request.room}" }
          - id: second
            ttl: 1d
            permision: []
        limits:
          per-caller: 30
        """;

    assertThat(Good.errors(file).stream().map(error -> error.replaceAll(": .*", "")))
        .containsExactly(
            "tvm.yaml:1",
            "tvm.yaml:3",
            "tvm.yaml:9",
            "tvm.yaml:11",
            "tvm.yaml:12",
            "tvm.yaml:13",
            "tvm.yaml:14",
            "tvm.yaml:15",
            "tvm.yaml:17");
  }

  @Test
  void twenty_one_permissions_are_refused_at_the_line_of_the_list() {
    String permissions =
        IntStream.rangeClosed(1, 21)
            .mapToObj(i -> "      - { role: ReadWrite, cache: c" + i + " }\n")
            .collect(Collectors.joining());
    String file = "authentication: [open]\nrules:\n  - id: many\n    permissions:\n" + permissions;

    assertThat(Good.errors(file))
        .containsExactly(
            "tvm.yaml:4: rules[0].permissions: 21 permissions: expected at most 20, Momento's limit"
                + " for one token");
    assertThat(Good.errors(file.replace("      - { role: ReadWrite, cache: c21 }\n", "")))
        .isEmpty();
  }

  @Test
  void an_issuer_without_audience_and_client_lacks_one_of_them() {
    assertThat(
            Good.errors(
                """
                authentication:
                  - oidc: { issuer: "https://login.example.com/" }
                rules: [ { id: a, permissions: [ { role: ReadWrite, cache: chat } ] } ]
                """))
        .singleElement()
        .asString()
        .contains(
            "authentication[0].oidc.audience: missing: expected an audience, or a list of these; or"
                + " write client-id");
  }

  @Test
  void the_client_of_the_pages_must_be_an_audience() {
    String file =
        """
        authentication:
          - oidc: { issuer: "https://login.example.com/", client-id: web, web-client-id: web }
        rules: [ { id: a, token-id: "a/${subject}", permissions: [ { role: ReadWrite, cache: chat } ] } ]
        """;
    assertThat(Good.errors(file))
        .singleElement()
        .asString()
        .startsWith("tvm.yaml:2: authentication[0].oidc.web-client-id: ")
        .endsWith("add it to audience");
    assertThat(Good.errors(file.replace("web-client-id", "audience: web, web-client-id")))
        .isEmpty();
  }

  @Test
  void a_file_without_its_two_sections_lacks_both() {
    assertThat(Good.errors("token: { ttl: 1h }"))
        .containsExactly(
            "tvm.yaml:2: authentication: missing: expected a list, each element an authentication"
                + " method, such as `- open: {}`",
            "tvm.yaml:2: rules: missing: expected a list, each element a section with id, when,"
                + " ttl, token-id, reuse or permissions");
  }

  @Test
  void lists_with_nothing_in_them_are_refused() {
    assertThat(Good.errors("authentication: []\nrules: []\n"))
        .containsExactly(
            "tvm.yaml:1: authentication: no authentication method: add one, or `open: {}` to accept"
                + " every caller",
            "tvm.yaml:2: rules: no rule, so no caller can get a token: add at least one");
  }

  @Test
  void the_short_form_of_a_way_in_is_answered_with_the_long_one() {
    assertThat(
            Good.errors(
                GoodFileTest.SMALLEST.replace(
                    "authentication:\n  - open: {}", "authentication: open")))
        .containsExactly(
            "tvm.yaml:1: authentication: expected a list, each element an authentication method,"
                + " such as `- open: {}`");
  }

  @Test
  void what_cannot_be_read_is_not_complained_of_twice() {
    assertThat(Good.errors(GoodFileTest.SMALLEST.replace("open: {}", "opn: {}")))
        .singleElement()
        .asString()
        .startsWith("tvm.yaml:2: authentication[0].opn: unknown key");
    assertThat(Good.errors(GoodFileTest.SMALLEST.replace("ReadWrite", "Write")))
        .singleElement()
        .asString()
        .startsWith("tvm.yaml:6: rules[0].permissions[0].role: expected ");
  }

  @Test
  void no_problem_repeats_a_credential_that_was_written_by_mistake() {
    String mark = "s3cr3t-m4rk";
    String file =
        GoodFileTest.SMALLEST
            + "momento: { api-key: %s, endpoint: \"%s!\" }\n".formatted(mark, mark)
            + "state: redis://user:%s@valkey\n".formatted(mark);

    assertThat(Good.errors(file)).hasSize(3).noneMatch(error -> error.contains(mark));
  }
}
