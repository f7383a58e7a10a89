package tokenvending.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

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
        Arguments.of(2, "  ttl: 1d", "token.ttl: expected a time such as 90s, 15m or 1h"),
        Arguments.of(2, "  ttl: 60", "token.ttl: expected a time such as 90s, 15m or 1h"),
        Arguments.of(2, "  ttl: 1:30", "token.ttl: expected a time such as 90s, 15m or 1h"),
        Arguments.of(2, "  ttl: -1h", "token.ttl: expected a time such as 90s, 15m or 1h"),
        Arguments.of(2, "  ttl: 1.5h", "token.ttl: expected a time such as 90s, 15m or 1h"),
        Arguments.of(2, "  ttl: 500ms", "token.ttl: expected a time such as 90s, 15m or 1h"),
        Arguments.of(2, "  ttl: [1h]", "token.ttl: a list: expected a time such as 90s, 15m or 1h"),
        Arguments.of(
            2,
            "  ttl: { hours: 1 }",
            "token.ttl: a section: expected a time such as 90s, 15m or 1h"),
        Arguments.of(
            2,
            "  ttl:",
            "token.ttl: nothing is written here: expected a time such as 90s, 15m or 1h"),
        Arguments.of(
            2,
            "  ttl: ~",
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
        Arguments.of(2, "  [ttl]: 1h", "token: expected a name before the colon"),
        Arguments.of(3, "  ttl: 2h", "token.ttl: written twice, first on line 2"),
        Arguments.of(
            3,
            "  within-session: yes",
            "token.within-session: expected true or false, without quotes"),
        Arguments.of(
            3,
            "  within-session: \"true\"",
            "token.within-session: expected true or false, without quotes"),
        Arguments.of(
            3,
            "  within_session: true",
            "token.within_session: unknown key, did you mean within-session?: expected ttl or"
                + " within-session"),
        Arguments.of(
            6,
            "      issuer: http://login.example.com/",
            "authentication[0].oidc.issuer: expected https; http is for loopback (localhost,"
                + " 127.0.0.1, [::1]) only"),
        Arguments.of(
            6,
            "      issuer: http://localhost.example.com/",
            "authentication[0].oidc.issuer: expected https; http is for loopback (localhost,"
                + " 127.0.0.1, [::1]) only"),
        Arguments.of(
            6,
            "      issuer: ftp://login.example.com/",
            "authentication[0].oidc.issuer: expected https; http is for loopback (localhost,"
                + " 127.0.0.1, [::1]) only"),
        Arguments.of(
            6,
            "      issuer: login.example.com",
            "authentication[0].oidc.issuer: expected an https address such as"
                + " https://login.example.com/"),
        Arguments.of(
            6,
            "      issuer: https://login.example.com/?a=b",
            "authentication[0].oidc.issuer: a query or fragment has no place here: expected an"
                + " https address such as https://login.example.com/"),
        Arguments.of(
            6,
            "      issuer: https://ann:pw@login.example.com/",
            "authentication[0].oidc.issuer: a user or password has no place in an address: expected"
                + " an https address such as https://login.example.com/"),
        Arguments.of(
            7,
            "      audience: 42",
            "authentication[0].oidc.audience: YAML readers do not take 42 for a text: quote it,"
                + " \"42\""),
        Arguments.of(
            7,
            "      audience: []",
            "authentication[0].oidc.audience: an empty list: expected at least one, a name that the"
                + " issuer knows this service by"),
        Arguments.of(
            8,
            "  - cognito: { region: us-west-2, client-id: 1example23456789 }",
            "authentication[1].cognito.user-pool-id: missing: expected a user pool id such as"
                + " us-west-2_Abc123, or none of region, user-pool-id and client-id on AWS"),
        Arguments.of(
            8,
            "  - cognito: { region: us-west-2, user-pool-id: eu-west-1_abc, client-id:"
                + " 1example23456789 }",
            "authentication[1].cognito.user-pool-id: a pool of another region than us-west-2"),
        Arguments.of(
            8,
            "  - cognito: { region: us-west-2, user-pool-id: us-west-2_abc, client-id: 1234567890"
                + " }",
            "authentication[1].cognito.client-id: YAML readers do not take 1234567890 for a text:"
                + " quote it, \"1234567890\""),
        Arguments.of(
            8,
            "  - oidc: { issuer: \"https://login.example.com/\", audience: b }",
            "authentication[1]: the same way in as authentication[0]: expected each issuer,"
                + " password and open once"),
        Arguments.of(
            8,
            "  - saml: {}",
            "authentication[1].saml: unknown key: expected oidc, cognito, password or open"),
        Arguments.of(
            8,
            "  - {}",
            "authentication[1]: 0 keys: expected a section with one of oidc, cognito, password or"
                + " open"),
        Arguments.of(8, "  - closed", "authentication[1]: expected open"),
        Arguments.of(
            10,
            "      users: env:USERS",
            "authentication[2].password.users: expected file:users.yaml or aws-secret:NAME; the"
                + " thing itself has no place in this file"),
        Arguments.of(
            10,
            "      users: \"file: \"",
            "authentication[2].password.users: expected a path after file:"),
        Arguments.of(
            11, "  - open:", "authentication[3].open: nothing is written here: expected {}"),
        Arguments.of(
            11,
            "  - open: { really: true }",
            "authentication[3].open.really: unknown key: expected {}"),
        Arguments.of(
            13,
            "  name: { max-length: 0 }",
            "parameters.name.max-length: expected a whole number from 1 to 1024, without quotes"),
        Arguments.of(
            13,
            "  name: { max-length: \"64\" }",
            "parameters.name.max-length: expected a whole number from 1 to 1024, without quotes"),
        Arguments.of(
            13,
            "  name: {}",
            "parameters.name.max-length: missing: expected a whole number from 1 to 1024"),
        Arguments.of(
            13,
            "  ttl: { max-length: 64 }",
            "parameters.ttl: every request understands this name already: choose another"),
        Arguments.of(
            13,
            "  na me: { max-length: 64 }",
            "parameters.na me: expected a letter, then letters, digits, '_' or '-', at most 64"),
        Arguments.of(
            13,
            "  no: { max-length: 64 }",
            "parameters.no: YAML readers do not take no for a text: quote it, \"no\""),
        Arguments.of(
            16,
            "  - id: 0123",
            "rules[0].id: YAML readers do not take 0123 for a text: quote it, \"0123\""),
        Arguments.of(
            16,
            "  - id: \"a b\"",
            "rules[0].id: expected 1 to 64 letters, digits, '_', '.' or '-'"),
        Arguments.of(
            17,
            "    when: {}",
            "rules[0].when: names no condition, so it would hold for everybody: leave `when` out to"
                + " mean that"),
        Arguments.of(
            17,
            "    when: { groups: [] }",
            "rules[0].when.groups: an empty list: expected at least one, the name of a group"),
        Arguments.of(
            17,
            "    when: { claims: {} }",
            "rules[0].when.claims: nothing in it: expected at least one, such as the name of a"
                + " claim: a value of the claim, or a list of such"),
        Arguments.of(
            17,
            "    when: { groups: [2026-01-01] }",
            "rules[0].when.groups[0]: YAML readers do not take 2026-01-01 for a text: quote it,"
                + " \"2026-01-01\""),
        Arguments.of(
            17,
            "    when: { group: [staff] }",
            "rules[0].when.group: unknown key, did you mean groups?: expected groups or claims"),
        Arguments.of(
            17,
            "    when: { claims: { admin: true } }",
            "rules[0].when.claims.admin: YAML readers do not take true for a text: quote it,"
                + " \"true\""),
        Arguments.of(
            19,
            "    token-id: \"${name}\"",
            "rules[0].token-id: ${name} is not a value: expected ${subject}, ${claims.NAME} or"
                + " ${request.NAME}"),
        Arguments.of(
            21,
            "      - { role: PublishSubscribe, cache: chat, topic: room-${request.room} }",
            "not YAML: quote texts with ${…} inside { } and [ ], such as { topic:"
                + " \"room-${request.room}\" }"),
        Arguments.of(
            21,
            "      - { role: PublishSubscribe, cache: chat, topic: { prefix: \"room-${subject}\" }"
                + " }",
            "rules[0].permissions[0].topic: a prefix must not end in a value, or a caller with the"
                + " value \"a\" could reach what belongs to \"ab\": write \"room-${subject}/\""),
        Arguments.of(
            21,
            "      - { role: PublishSubscribe, cache: chat, topic: \"room-${request.rom}\" }",
            "rules[0].permissions[0].topic: ${request.rom}: no such name under `parameters`"),
        Arguments.of(
            21,
            "      - { role: PublishSubscribe, cache: chat }",
            "rules[0].permissions[0].topic: missing: expected all, or the name of a topic, or a"
                + " section with one of name or prefix"),
        Arguments.of(
            21,
            "      - { role: PublishSubscribe, cache: chat, topic: a, item: all }",
            "rules[0].permissions[0].item: the role PublishSubscribe is about topics: expected a"
                + " role such as ReadWrite, or leave this out"),
        Arguments.of(
            21,
            "      - { role: Subscribe, cache: chat, topic: a }",
            "rules[0].permissions[0].role: expected ReadWrite, ReadOnly, WriteOnly,"
                + " PublishSubscribe, SubscribeOnly, PublishOnly or Invoke, did you mean"
                + " SubscribeOnly?"),
        Arguments.of(
            21,
            "      - { role: SubscribeOnly, topic: a }",
            "rules[0].permissions[0].cache: missing: expected all, or the name of a cache, or a"
                + " section with one of name or prefix"),
        Arguments.of(
            21,
            "      - { role: SubscribeOnly, cache: { prefix: a }, topic: a }",
            "rules[0].permissions[0].cache: Momento selects caches by name or all of them, not by"
                + " prefix"),
        Arguments.of(
            21,
            "      - { role: SubscribeOnly, cache: \"all\", topic: a }",
            "rules[0].permissions[0].cache: unclear: write all without quotes for everything, or"
                + " {name: \"all\"} for one of that name"),
        Arguments.of(
            21,
            "      - { role: SubscribeOnly, cache: \"*\", topic: a }",
            "rules[0].permissions[0].cache: * is no wildcard: write all, without quotes, for"
                + " everything, or {name: \"*\"} for exactly this text"),
        Arguments.of(
            21,
            "      - { role: SubscribeOnly, cache: *, topic: a }",
            "not YAML: a bare *; write `all` for everything, or quote it"),
        Arguments.of(
            21,
            "      - { role: SubscribeOnly, cache: chat, topic: 1e3 }",
            "rules[0].permissions[0].topic: YAML readers do not take 1e3 for a text: quote it,"
                + " \"1e3\""),
        Arguments.of(
            21,
            "      - { role: SubscribeOnly, cache: chat, topic: 0x1F }",
            "rules[0].permissions[0].topic: YAML readers do not take 0x1F for a text: quote it,"
                + " \"0x1F\""),
        Arguments.of(
            21,
            "      - { role: SubscribeOnly, cache: chat, topic: = }",
            "rules[0].permissions[0].topic: YAML readers do not take = for a text: quote it,"
                + " \"=\""),
        Arguments.of(
            21,
            "      - { role: SubscribeOnly, cache: chat, topic: 1:30 }",
            "rules[0].permissions[0].topic: YAML readers do not take 1:30 for a text: quote it,"
                + " \"1:30\""),
        Arguments.of(
            21,
            "      - { role: SubscribeOnly, cache: chat, topic: { prefix: a, name: b } }",
            "rules[0].permissions[0].topic: 2 keys: expected a section with one of name or prefix"),
        Arguments.of(
            22,
            "      - { role: ReadWrite, cache: chat, item: user }",
            "rules[0].permissions[1].item: expected all, {key: …} or {key-prefix: …}"),
        Arguments.of(
            22,
            "      - { role: ReadWrite, cache: chat, topic: user }",
            "rules[0].permissions[1].topic: the role ReadWrite is about items: expected a role such"
                + " as PublishSubscribe, or leave this out"),
        Arguments.of(
            22,
            "      - { role: PublishOnly, cache: chat, topic: { prefix: \"room-\" } }",
            "rules[0].permissions[1]: an earlier permission of this rule selects the same"
                + " resources, or would for some caller; Momento allows one each: give the role"
                + " once, or begin the names differently"),
        Arguments.of(26, "    reuse: no", "rules[1].reuse: expected never, caller or everyone"),
        Arguments.of(
            26,
            "    reuse: Never",
            "rules[1].reuse: expected never, caller or everyone, did you mean never?"),
        Arguments.of(
            30,
            "  per-caller: 30",
            "limits.per-caller: expected a rate such as 5/s, 30/m or 600/h"),
        Arguments.of(
            30,
            "  per-caller: 0/m",
            "limits.per-caller: expected a rate such as 5/s, 30/m or 600/h"),
        Arguments.of(
            30,
            "  per-caller: 30/d",
            "limits.per-caller: expected a rate such as 5/s, 30/m or 600/h"),
        Arguments.of(
            30,
            "  per-caller: 30 / m",
            "limits.per-caller: expected a rate such as 5/s, 30/m or 600/h"),
        Arguments.of(
            32,
            "  trusted-proxies: [10.0.0.1/8]",
            "limits.trusted-proxies[0]: the address has bits beyond /8: write the first address of"
                + " the range"),
        Arguments.of(
            32,
            "  trusted-proxies: [10.0.0.0/33]",
            "limits.trusted-proxies[0]: expected 0 to 32 bits after the slash"),
        Arguments.of(
            32,
            "  trusted-proxies: [proxy.example.com]",
            "limits.trusted-proxies[0]: expected an IP address or a range such as 10.0.0.0/8"),
        Arguments.of(
            32,
            "  trusted-proxies: [10.1]",
            "limits.trusted-proxies[0]: expected an IP address or a range such as 10.0.0.0/8"),
        Arguments.of(
            34,
            "  api-key: eyJhbGciOiJIUzI1NiJ9.secret",
            "momento.api-key: expected env:NAME, file:PATH or aws-secret:NAME; the thing itself has"
                + " no place in this file"),
        Arguments.of(
            34,
            "  api-key: env:not-a-name",
            "momento.api-key: expected the name of an environment variable after env:"),
        Arguments.of(
            34,
            "  api-key: aws-secret:",
            "not YAML: a colon that nobody expects; quote the text, or mend the indentation"),
        Arguments.of(
            35,
            "  endpoint: https://cell-1.example.com",
            "momento.endpoint: expected a host name such as"
                + " cell-4-us-west-2-1.prod.a.momentohq.com, or env:NAME"),
        Arguments.of(
            36,
            "  token-service: http://token.example.com",
            "momento.token-service: expected https; http is for loopback (localhost, 127.0.0.1,"
                + " [::1]) only"),
        Arguments.of(
            36,
            "  token-service: https://token.example.com/path",
            "momento.token-service: expected an https address such as"
                + " https://token.cell-4-us-west-2-1.prod.a.momentohq.com, without a path"),
        Arguments.of(
            37, "  budget: 5", "momento.budget: expected a rate such as 5/s, 30/m or 600/h"),
        Arguments.of(
            38,
            "  max-wait: 2",
            "momento.max-wait: expected a time such as 500ms or 2s, at most 5s"),
        Arguments.of(
            38,
            "  max-wait: 5m",
            "momento.max-wait: expected a time such as 500ms or 2s, at most 5s"),
        Arguments.of(
            39,
            "state: disk",
            "state: expected memory, redis://HOST:PORT, env:NAME, dynamodb or dynamodb:TABLE"),
        Arguments.of(
            39,
            "state: redis://:hunter2@valkey",
            "state: a password has no place in this file: write env:NAME and put the address"
                + " there"),
        Arguments.of(
            39,
            "stat: memory",
            "stat: unknown key, did you mean state?: expected token, authentication, parameters,"
                + " rules, limits, momento, state, max-instances, cors, audit or server"),
        Arguments.of(
            40,
            "max-instances: 0",
            "max-instances: expected a whole number from 1 to 10000, without quotes"),
        Arguments.of(
            42,
            "  allow-origins: [\"https://chat.example.com/\"]",
            "cors.allow-origins[0]: expected scheme://host[:port] in lower case without a path or a"
                + " slash at the end, such as https://chat.example.com"),
        Arguments.of(
            42,
            "  allow-origins: [\"https://*\"]",
            "cors.allow-origins[0]: expected each origin written out, such as"
                + " https://chat.example.com, or https://*.example.com for every subdomain of a"
                + " domain"),
        Arguments.of(
            42,
            "  allow-origins: [\"https://*.com\"]",
            "cors.allow-origins[0]: expected each origin written out, such as"
                + " https://chat.example.com, or https://*.example.com for every subdomain of a"
                + " domain"),
        Arguments.of(
            42,
            "  allow-origins: [\"https://*example.com\"]",
            "cors.allow-origins[0]: expected each origin written out, such as"
                + " https://chat.example.com, or https://*.example.com for every subdomain of a"
                + " domain"),
        Arguments.of(
            42,
            "  allow-origins: [\"https://chat.*.com\"]",
            "cors.allow-origins[0]: expected each origin written out, such as"
                + " https://chat.example.com, or https://*.example.com for every subdomain of a"
                + " domain"),
        Arguments.of(
            42,
            "  allow-origins: [\"https://a.*.example.com\"]",
            "cors.allow-origins[0]: expected each origin written out, such as"
                + " https://chat.example.com, or https://*.example.com for every subdomain of a"
                + " domain"),
        Arguments.of(
            42,
            "  allow-origins: [\"https://*.*.example.com\"]",
            "cors.allow-origins[0]: expected each origin written out, such as"
                + " https://chat.example.com, or https://*.example.com for every subdomain of a"
                + " domain"),
        Arguments.of(
            42,
            "  allow-origins: [\"https://*.example.com/\"]",
            "cors.allow-origins[0]: expected each origin written out, such as"
                + " https://chat.example.com, or https://*.example.com for every subdomain of a"
                + " domain"),
        Arguments.of(
            42,
            "  allow-origins: [\"https://**.example.com\"]",
            "cors.allow-origins[0]: expected each origin written out, such as"
                + " https://chat.example.com, or https://*.example.com for every subdomain of a"
                + " domain"),
        Arguments.of(
            42,
            "  allow-origins: [\"*://*.example.com\"]",
            "cors.allow-origins[0]: expected each origin written out, such as"
                + " https://chat.example.com, or https://*.example.com for every subdomain of a"
                + " domain"),
        Arguments.of(
            42,
            "  allow-origins: [\"http://*.example.com\"]",
            "cors.allow-origins[0]: expected https:// before *., since anyone on the way can answer"
                + " for http"),
        Arguments.of(
            42,
            "  allow-origins: [\"https://*.example.com:443\"]",
            "cors.allow-origins[0]: browsers leave out the usual port: write it without :443"),
        Arguments.of(
            42,
            "  allow-origins: [\"null\"]",
            "cors.allow-origins[0]: the origin null is any sandboxed page, whoever wrote it: write"
                + " the origins themselves"),
        Arguments.of(
            42,
            "  allow-origins: [null]",
            "cors.allow-origins[0]: nothing is written here: expected an origin such as"
                + " https://chat.example.com, or \"*\""),
        Arguments.of(
            42,
            "  allow-origins: [\"https://chat.example.com:443\"]",
            "cors.allow-origins[0]: browsers leave out the usual port: write it without :443"),
        Arguments.of(
            42,
            "  allow-origins: [\"HTTPS://chat.example.com\"]",
            "cors.allow-origins[0]: expected scheme://host[:port] in lower case without a path or a"
                + " slash at the end, such as https://chat.example.com"),
        Arguments.of(
            42,
            "  allow-origins: [chat.example.com]",
            "cors.allow-origins[0]: expected scheme://host[:port] in lower case without a path or a"
                + " slash at the end, such as https://chat.example.com"),
        Arguments.of(
            42,
            "  allow-origins: [\"*\", \"https://chat.example.com\"]",
            "cors.allow-origins: \"*\" stands for all: expected it alone, or the origins alone"),
        Arguments.of(
            42,
            "  allow-origins: \"*\"",
            "cors.allow-origins: expected a list, each element an origin such as"
                + " https://chat.example.com, or \"*\""),
        Arguments.of(44, "  to: stderr", "audit.to: expected stdout or file:PATH"),
        Arguments.of(
            46,
            "  host: \"a b\"",
            "server.host: expected a host name or IP address such as 127.0.0.1"),
        Arguments.of(
            47,
            "  port: 65536",
            "server.port: expected a whole number from 0 to 65535, without quotes"),
        Arguments.of(
            47,
            "  port: 0x50",
            "server.port: expected a whole number from 0 to 65535, without quotes"),
        Arguments.of(
            48,
            "  tls: { certificate: file:cert.pem }",
            "server.tls.key: missing: expected file:PATH, such as file:key.pem"),
        Arguments.of(
            48,
            "  tls: { certificate: cert.pem, key: file:key.pem }",
            "server.tls.certificate: expected file:PATH, such as file:cert.pem"),
        Arguments.of(
            49,
            "  management-port: 99999",
            "server.management-port: expected a port such as 9090, or \"HOST:PORT\""),
        Arguments.of(49, "\tmanagement-port: 9090", "not YAML: a tab; indent with spaces"),
        Arguments.of(
            50, "  demo-pages: on", "server.demo-pages: expected true or false, without quotes"));
  }

  @ParameterizedTest
  @MethodSource("lines")
  void a_bad_line_is_refused_with_its_number(int line, String replacement, String problem) {
    assertThat(Good.errors(with(line, replacement)))
        .containsExactly("tvm.yaml:" + line + ": " + problem);
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
            "tvm.yaml:4: rules[0].permissions: 21 permissions; Momento allows 20 in one token");
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
            "authentication[0].oidc.audience: missing: expected a name that the issuer knows this"
                + " service by, or a list of such; or write client-id");
  }

  @Test
  void a_file_without_its_two_sections_lacks_both() {
    assertThat(Good.errors("token: { ttl: 1h }"))
        .containsExactly(
            "tvm.yaml:1: authentication: missing: expected a list, each element a way in, such as"
                + " `- open: {}`",
            "tvm.yaml:1: rules: missing: expected a list, each element a section with id, when,"
                + " ttl, token-id, reuse or permissions");
  }

  @Test
  void lists_with_nothing_in_them_are_refused() {
    assertThat(Good.errors("authentication: []\nrules: []\n"))
        .containsExactly(
            "tvm.yaml:1: authentication: no authentication method: write one, or `open: {}` to let"
                + " anybody in",
            "tvm.yaml:2: rules: no rule, so nobody could have anything: write at least one");
  }

  @Test
  void the_short_form_of_a_way_in_is_answered_with_the_long_one() {
    assertThat(
            Good.errors(
                GoodFileTest.SMALLEST.replace(
                    "authentication:\n  - open: {}", "authentication: open")))
        .containsExactly(
            "tvm.yaml:1: authentication: expected a list, each element a way in, such as"
                + " `- open: {}`");
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
