package tokenvending.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tokenvending.identity.AddressRange;
import tokenvending.limits.Rate;
import tokenvending.limits.RejectionLimits;
import tokenvending.permission.CacheRole;
import tokenvending.permission.FunctionRole;
import tokenvending.permission.TopicRole;
import tokenvending.policy.PermissionDocument;
import tokenvending.policy.Reuse;
import tokenvending.policy.RuleDocument;
import tokenvending.policy.SelectorDocument.All;
import tokenvending.policy.SelectorDocument.Exact;
import tokenvending.policy.SelectorDocument.Prefix;

final class GoodFileTest {
  static final String SMALLEST =
      """
      authentication:
        - open: {}
      rules:
        - id: everybody
          permissions:
            - { role: ReadWrite, cache: chat, item: all }
      """;

  private static RuleDocument rule(String rule) {
    return Good.configuration("authentication: [open]\nrules:\n" + rule.indent(2))
        .policyDocument()
        .rules()
        .getFirst();
  }

  @Test
  void what_a_file_leaves_out_has_the_documented_defaults() {
    Configuration configuration = Good.configuration(SMALLEST);

    assertThat(configuration.token()).isEqualTo(new TokenSettings(Duration.ofHours(1), false));
    assertThat(configuration.authentication()).containsExactly(new AuthenticationSettings.Open());
    assertThat(configuration.limits())
        .isEqualTo(
            new LimitSettings(
                Optional.empty(), Optional.empty(), RejectionLimits.DEFAULT, 200, List.of()));
    assertThat(configuration.momento())
        .isEqualTo(
            new MomentoSettings(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new Rate(5, Duration.ofSeconds(1)),
                Duration.ofSeconds(2)));
    assertThat(configuration.state()).isEqualTo(new StateSettings.Memory());
    assertThat(configuration.maxInstances()).isEmpty();
    assertThat(configuration.cors()).isEqualTo(new CorsSettings.Only(List.of()));
    assertThat(configuration.audit()).isEqualTo(AuditSettings.DEFAULT);
    assertThat(configuration.server())
        .isEqualTo(
            new ServerSettings(
                "127.0.0.1",
                8080,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
    assertThat(configuration.policyDocument().parameters().all()).isEmpty();
    assertThat(configuration.policyDocument().rules().getFirst().reuse()).isEqualTo(Reuse.NEVER);
  }

  @Test
  void every_way_in_is_read_in_the_order_of_the_file() {
    Configuration configuration =
        Good.configuration(
            """
            authentication:
              - oidc:
                  issuer: https://login.example.com/
                  audience: [chat-web, chat-phone]
                  jwks-uri: http://127.0.0.1:9000/keys
                  groups-claim: roles
              - cognito:
                  region: us-west-2
                  user-pool-id: us-west-2_abc
                  client-id: 1example23456789
              - password: { users: "aws-secret:tvm/users" }
              - open: {}
            rules:
              - id: members
                when: { claims: { iss: "https://login.example.com/" } }
                token-id: "a/${subject}"
                permissions: [ { role: ReadWrite, cache: chat, item: all } ]
            """);

    assertThat(configuration.authentication())
        .containsExactly(
            new AuthenticationSettings.Oidc(
                URI.create("https://login.example.com/"),
                List.of("chat-web", "chat-phone"),
                List.of(),
                Optional.empty(),
                Optional.of(URI.create("http://127.0.0.1:9000/keys")),
                "roles",
                Optional.empty(),
                Set.of()),
            new AuthenticationSettings.Cognito(
                Optional.of(
                    new AuthenticationSettings.UserPool(
                        "us-west-2", "us-west-2_abc", "1example23456789")),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Set.of()),
            new AuthenticationSettings.Password(new SecretReference.AwsSecret("tvm/users")),
            new AuthenticationSettings.Open());
    assertThat(
            ((AuthenticationSettings.Cognito) configuration.authentication().get(1))
                .effectiveIssuer())
        .contains(URI.create("https://cognito-idp.us-west-2.amazonaws.com/us-west-2_abc"));
  }

  @Test
  void an_issuer_can_be_bound_by_its_clients_and_be_required() {
    Configuration configuration =
        Good.configuration(
            """
            authentication:
              - oidc:
                  issuer: https://a.example/
                  client-id: spa
                  groups-claim: realm_access.roles
                  required: true
              - oidc:
                  issuer: https://b.example/
                  audience: [api, chat-web]
                  web-client-id: chat-web
                  client-id: [ios, android]
                  required: false
            rules:
              - id: a
                when: { claims: { iss: "https://a.example/" } }
                token-id: "a/${subject}"
                permissions: [ { role: ReadWrite, cache: chat } ]
              - id: b
                token-id: "b/${subject}"
                permissions: [ { role: ReadWrite, cache: chat } ]
            """);

    assertThat(configuration.authentication())
        .containsExactly(
            new AuthenticationSettings.Oidc(
                URI.create("https://a.example/"),
                List.of(),
                List.of("spa"),
                Optional.empty(),
                Optional.empty(),
                "realm_access.roles",
                Optional.of(true),
                Set.of()),
            new AuthenticationSettings.Oidc(
                URI.create("https://b.example/"),
                List.of("api", "chat-web"),
                List.of("ios", "android"),
                Optional.of("chat-web"),
                Optional.empty(),
                "groups",
                Optional.of(false),
                Set.of()));
  }

  @Test
  void every_kind_of_permission_is_read() {
    RuleDocument rule =
        rule(
            """
            - id: all-kinds
              permissions:
                - { role: ReadWrite, cache: a, item: all }
                - { role: ReadOnly, cache: b, item: all }
                - { role: WriteOnly, cache: c, item: { key: k } }
                - { role: ReadOnly, cache: { name: all }, item: { key-prefix: k- } }
                - { role: PublishSubscribe, cache: all, topic: all }
                - { role: SubscribeOnly, cache: a, topic: news }
                - { role: PublishOnly, cache: a, topic: { prefix: room- } }
                - { role: PublishOnly, cache: a, topic: { name: "all" } }
                - { role: Invoke, cache: a, function: { prefix: f } }
            """);

    assertThat(rule.permissions())
        .containsExactly(
            new PermissionDocument(CacheRole.READ_WRITE, new Exact("a"), new All()),
            new PermissionDocument(CacheRole.READ_ONLY, new Exact("b"), new All()),
            new PermissionDocument(CacheRole.WRITE_ONLY, new Exact("c"), new Exact("k")),
            new PermissionDocument(CacheRole.READ_ONLY, new Exact("all"), new Prefix("k-")),
            new PermissionDocument(TopicRole.PUBLISH_SUBSCRIBE, new All(), new All()),
            new PermissionDocument(TopicRole.SUBSCRIBE_ONLY, new Exact("a"), new Exact("news")),
            new PermissionDocument(TopicRole.PUBLISH_ONLY, new Exact("a"), new Prefix("room-")),
            new PermissionDocument(TopicRole.PUBLISH_ONLY, new Exact("a"), new Exact("all")),
            new PermissionDocument(FunctionRole.INVOKE, new Exact("a"), new Prefix("f")));
  }

  @Test
  void a_single_group_or_claim_value_is_a_list_of_one() {
    Configuration configuration =
        Good.configuration(
            """
            authentication:
              - oidc: { issuer: "https://login.example.com/", audience: chat }
            rules:
              - id: one
                when: { groups: staff, claims: { "https://example.com/tenant": acme } }
                reuse: caller
                ttl: 25h
                permissions: [ { role: ReadWrite, cache: chat, item: all } ]
              - id: many
                when: { groups: [staff, crew], claims: { tenant: [acme, apex] } }
                ttl: 90s
                permissions: [ { role: ReadWrite, cache: chat, item: all } ]
            """);

    RuleDocument one = configuration.policyDocument().rules().get(0);
    RuleDocument many = configuration.policyDocument().rules().get(1);
    assertThat(one.when().groups()).containsExactly("staff");
    assertThat(one.when().claims())
        .isEqualTo(Map.of("https://example.com/tenant", List.of("acme")));
    assertThat(one.reuse()).isEqualTo(Reuse.CALLER);
    assertThat(one.ttl()).contains(Duration.ofHours(25));
    assertThat(many.when().groups()).containsExactly("staff", "crew");
    assertThat(many.when().claims()).isEqualTo(Map.of("tenant", List.of("acme", "apex")));
    assertThat(many.ttl()).contains(Duration.ofSeconds(90));
  }

  @Test
  void settings_of_the_service_are_read() throws Exception {
    Configuration configuration =
        Good.configuration(
            SMALLEST
                + """
                token: { ttl: 15m, within-session: true }
                limits: { per-caller: 30/m, per-address: 600/h, rejections-per-address: 20/s, connections-per-address: 50, trusted-proxies: [10.0.0.0/8, "::1"] }
                momento:
                  api-key: file:keys/momento
                  endpoint: cell-1.example.com
                  token-service: http://[::1]:8080
                  budget: 50/s
                  max-wait: 500ms
                state: dynamodb:tokens
                max-instances: 3
                cors: { allow-origins: ["https://chat.example.com", "http://localhost:5173"] }
                audit: { to: file:audit.jsonl }
                server:
                  host: 0.0.0.0
                  port: 0
                  allowed-hosts: [TVM.example.com, "fd00::1"]
                  tls: { certificate: file:cert.pem, key: file:/secrets/key.pem }
                  management-port: 9090
                  demo-pages: false
                """);

    assertThat(configuration.token()).isEqualTo(new TokenSettings(Duration.ofMinutes(15), true));
    assertThat(configuration.limits())
        .isEqualTo(
            new LimitSettings(
                Optional.of(new Rate(30, Duration.ofMinutes(1))),
                Optional.of(new Rate(600, Duration.ofHours(1))),
                new Rate(20, Duration.ofSeconds(1)),
                50,
                List.of(
                    new AddressRange(InetAddress.ofLiteral("10.0.0.0"), 8),
                    new AddressRange(InetAddress.ofLiteral("::1"), 128))));
    assertThat(configuration.momento())
        .isEqualTo(
            new MomentoSettings(
                Optional.of(new SecretReference.File(Path.of("/etc/tvm/keys/momento"))),
                Optional.of(new MomentoEndpoint.Literal("cell-1.example.com")),
                Optional.of(URI.create("http://[::1]:8080")),
                new Rate(50, Duration.ofSeconds(1)),
                Duration.ofMillis(500)));
    assertThat(configuration.state()).isEqualTo(new StateSettings.DynamoDb(Optional.of("tokens")));
    assertThat(configuration.maxInstances()).contains(3);
    assertThat(configuration.cors())
        .isEqualTo(
            new CorsSettings.Only(List.of("https://chat.example.com", "http://localhost:5173")));
    assertThat(configuration.audit().to())
        .isEqualTo(new AuditSettings.File(Path.of("/etc/tvm/audit.jsonl")));
    assertThat(configuration.server())
        .isEqualTo(
            new ServerSettings(
                "0.0.0.0",
                0,
                List.of("tvm.example.com", "fd00::1"),
                Optional.of(
                    new ServerSettings.Tls(
                        Path.of("/etc/tvm/cert.pem"), Path.of("/secrets/key.pem"))),
                Optional.of(new ServerSettings.Management("127.0.0.1", 9090)),
                Optional.of(false),
                Optional.empty()));
  }

  @Test
  void every_state_is_read() {
    assertThat(Good.configuration(SMALLEST + "state: memory\n").state())
        .isEqualTo(new StateSettings.Memory());
    assertThat(Good.configuration(SMALLEST + "state: dynamodb\n").state())
        .isEqualTo(new StateSettings.DynamoDb(Optional.empty()));
    assertThat(Good.configuration(SMALLEST + "state: redis://valkey:6379/1\n").state())
        .isEqualTo(new StateSettings.Redis(URI.create("redis://valkey:6379/1")));
    assertThat(Good.configuration(SMALLEST + "state: env:REDIS_URL\n").state())
        .isEqualTo(new StateSettings.RedisAt(new SecretReference.Environment("REDIS_URL")));
  }

  @Test
  void a_byte_order_mark_and_windows_line_ends_do_no_harm() {
    assertThat(Good.errors("\uFEFF" + SMALLEST.replace("\n", "\r\n"))).isEmpty();
  }

  @Test
  void an_author_is_warned_of_what_he_might_not_have_meant() {
    assertThat(Good.warnings(SMALLEST))
        .containsExactly(
            "tvm.yaml:2: warning: authentication[0]: open: every caller that reaches this server"
                + " gets tokens by its rules",
            "tvm.yaml:7: warning: limits: no limits, so one caller can use up the account's rate"
                + " budget: set per-caller and per-address");
    assertThat(
            Good.warnings(
                SMALLEST
                    + "limits: { per-caller: 1/s, trusted-proxies: [0.0.0.0/0] }\n"
                    + "cors: { allow-origins: [\"*\"] }\n"))
        .anySatisfy(
            warning ->
                assertThat(warning).startsWith("tvm.yaml:7: warning: limits.trusted-proxies: "))
        .anySatisfy(
            warning -> assertThat(warning).startsWith("tvm.yaml:8: warning: cors.allow-origins: "));
  }

  private static final String MEMBERS_AND_GUESTS =
      """
      authentication:
        - oidc: { issuer: "https://login.example.com/", audience: chat }
        - open: {}
      parameters:
        name: { max-length: 40, required: false }
      rules:
        - id: members
          when: { claims: { iss: "https://login.example.com/" } }
          token-id: "member/${subject}"
          permissions: [ { role: ReadWrite, cache: chat, item: all } ]
        - id: guests
          token-id: "guest/${request.name}"
          permissions: [ { role: ReadOnly, cache: chat, item: all } ]
      """;

  @Test
  void guests_name_themselves_where_a_rule_before_takes_every_member() {
    assertThat(Good.errors(MEMBERS_AND_GUESTS)).isEmpty();
  }

  @Test
  void guests_do_not_name_themselves_where_some_members_come_to_their_rule() {
    assertThat(Good.errors(MEMBERS_AND_GUESTS.replace("when: {", "when: { groups: staff,")))
        .singleElement()
        .asString()
        .startsWith("tvm.yaml:12: rules[1].token-id: ")
        .contains("could get the same token id");
    assertThat(Good.errors(MEMBERS_AND_GUESTS.replace("guest/", "")))
        .singleElement()
        .asString()
        .startsWith("tvm.yaml:12: rules[1].token-id: ");
  }

  @Test
  void subdomains_may_be_left_open_and_that_is_a_warning() {
    String file =
        SMALLEST
            + "cors: { allow-origins: [\"https://*.example.com\", \"https://*.dev.example:8443\"]"
            + " }\n";
    assertThat(Good.parse(file)).isInstanceOf(ConfigurationResult.Read.class);
    assertThat(Good.warnings(file))
        .filteredOn(warning -> warning.contains("cors.allow-origins"))
        .satisfiesExactly(
            warning ->
                assertThat(warning).contains("\"https://*.example.com\": a page of any subdomain"),
            warning -> assertThat(warning).contains("https://*.dev.example:8443"));
  }
}
