package tokenvending.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each bad file differs from the good one by one line. */
final class BadFileTest {
  private static final String GOOD =
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
        Arguments.of(2, "  ttl: 26h", "token.ttl: expected 1s to 25h, Momento's limit"),
        Arguments.of(2, "  ttl: 0s", "token.ttl: expected 1s to 25h, Momento's limit"),
        Arguments.of(2, "  ttl: 1d", "token.ttl: expected a time such as 90s, 15m or 1h"),
        Arguments.of(2, "  ttl: 60", "token.ttl: expected a time such as 90s, 15m or 1h"),
        Arguments.of(2, "  ttl: 500ms", "token.ttl: expected a time such as 90s, 15m or 1h"),
        Arguments.of(2, "  ttl: [1h]", "token.ttl: a list: expected a time such as 90s, 15m or 1h"),
        Arguments.of(
            2,
            "  ttl:",
            "token.ttl: nothing is written here: expected a time such as 90s, 15m or 1h"),
        Arguments.of(
            2,
            "  ttl: &a 1h",
            "token.ttl: anchors (&name) have no place here: write the value out each time"),
        Arguments.of(
            2, "  ttl: !!str 1h", "token.ttl: tags (!name) have no place here: leave it out"),
        Arguments.of(
            2, "  ttl: *a", "token.ttl: aliases (*name) have no place here: write the value out"),
        Arguments.of(
            2,
            "  <<: { ttl: 1h }",
            "token: merge keys (<<) have no place here: write the values out"),
        Arguments.of(
            2,
            "  tll: 1h",
            "token.tll: unknown key, did you mean ttl?: expected ttl or within-session"),
        Arguments.of(3, "  ttl: 2h", "token.ttl: written twice, first on line 2"),
        Arguments.of(
            3,
            "  within-session: yes",
            "token.within-session: expected true or false, without quotes"));
  }

  @ParameterizedTest
  @MethodSource("lines")
  void a_bad_line_is_refused_with_its_number(int line, String replacement, String problem) {
    assertThat(Good.errors(with(line, replacement)))
        .containsExactly("tvm.yaml:" + line + ": " + problem);
  }
}
