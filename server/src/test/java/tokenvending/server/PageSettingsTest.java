package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tokenvending.api.PageFolder;

/** What the pages are told of the file. */
final class PageSettingsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final PageFolder PAGES = PageFolder.missing("No pages here.");

  @TempDir private Path folder;

  @Test
  void settings_say_how_to_begin() throws IOException {
    try (Vendor vendor = Vendor.startLocal(folder, policy("\"\"", "all", "all"), PAGES)) {
      Answer answer = settings(vendor);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("cache-control")).isEqualTo("no-store");
      assertThat(answer.body())
          .isEqualTo(
              "{\"url\":\"/\",\"local\":true,\"authenticationMethods\":[{\"kind\":\"open\"}],\"parameters\":["
                  + "{\"name\":\"room\",\"required\":true,\"maxLength\":32}],"
                  + "\"cache\":\"default-cache\","
                  + "\"exampleCaller\":{\"sub\":\"ann\",\"groups\":\"readers\"},\"topic\":{\"prefix\":\"\"},"
                  + "\"verifiedNames\":false}");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "chat  | lobby                       | chat          | {\"name\":\"lobby\"}",
        "all   | { prefix: \"room-\" }       | default-cache | {\"prefix\":\"room-\"}",
        "chat  | \"room-${request.room}\"    | chat |"
            + " {\"prefix\":\"room-\",\"parameter\":\"room\"}",
        "chat  | \"${request.room}-x\"       | chat          | null",
      })
  void topics_to_begin_with_are_those_of_the_first_rule_that_gives_any(
      String cache, String topic, String first, String expected) throws IOException {
    try (Vendor vendor = Vendor.startLocal(folder, policy("x", cache, topic), PAGES)) {
      JsonNode settings = JSON.readTree(settings(vendor).body());
      assertThat(settings.get("cache").textValue()).isEqualTo(first);
      assertThat(settings.get("topic")).isEqualTo(JSON.readTree(expected));
    }
  }

  @Test
  void topics_to_begin_with_are_those_that_most_callers_share() throws IOException {
    String rules =
        policy("x", "chat", "all")
            + """
              - id: members
                permissions:
                  - { role: PublishSubscribe, cache: chat, topic: { prefix: "room-" } }
            """;
    try (Vendor vendor = Vendor.startLocal(folder, rules, PAGES)) {
      assertThat(JSON.readTree(settings(vendor).body()).get("topic"))
          .isEqualTo(JSON.readTree("{\"prefix\":\"room-\"}"));
    }
  }

  @Test
  void names_are_verified_where_no_caller_chooses_his_own() throws IOException {
    Files.writeString(
        folder.resolve("users.yaml"),
        "ann: { hash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$"
            + "R0hEbXJzVXl4Y2FBc2Zqc2RmamtoZ2Zkc2FnZmFzZGY' }\n");
    String named =
        policy("x", "chat", "lobby")
            .replace("- open: {}", "- password: { users: 'file:users.yaml' }")
            .replace("    token-id: \"x\"\n", "");
    try (Vendor vendor = Vendor.startLocal(folder, named, PAGES)) {
      JsonNode settings = JSON.readTree(settings(vendor).body());
      assertThat(settings.get("verifiedNames").booleanValue()).isTrue();
      assertThat(settings.get("authenticationMethods"))
          .isEqualTo(JSON.readTree("[{\"kind\":\"password\"}]"));
    }
  }

  @Test
  void a_user_pool_is_named_with_the_place_to_sign_in_at() throws IOException {
    String pool =
        policy("x", "chat", "lobby")
            .replace(
                "- open: {}",
                "- cognito: { region: us-west-2, user-pool-id: us-west-2_abc, client-id: web }")
            .replace("    token-id: \"x\"\n", "");
    try (Vendor vendor = Vendor.startLocal(folder, pool, PAGES)) {
      assertThat(JSON.readTree(settings(vendor).body()).get("authenticationMethods"))
          .isEqualTo(
              JSON.readTree(
                  "[{\"kind\":\"cognito\",\"clientId\":\"web\","
                      + "\"endpoint\":\"https://cognito-idp.us-west-2.amazonaws.com/\"}]"));
    }
    String local =
        pool.replace("client-id: web", "client-id: web, issuer: 'http://127.0.0.1:9/pool'");
    Path made = Files.createDirectories(folder.resolve("local"));
    try (Vendor vendor = Vendor.startLocal(made, local, PAGES)) {
      assertThat(
              JSON.readTree(settings(vendor).body())
                  .at("/authenticationMethods/0/endpoint")
                  .textValue())
          .isEqualTo("http://127.0.0.1:9/");
    }
  }

  @Test
  void an_issuer_is_named_with_the_public_client_that_the_file_names() throws IOException {
    String issuer =
        policy("x", "chat", "lobby")
            .replace(
                "- open: {}",
                "- oidc: { issuer: 'http://127.0.0.1:9/login', audience: web, web-client-id: web }")
            .replace("    token-id: \"x\"\n", "");
    try (Vendor vendor = Vendor.startLocal(folder, issuer, PAGES)) {
      assertThat(JSON.readTree(settings(vendor).body()).get("authenticationMethods"))
          .isEqualTo(
              JSON.readTree(
                  "[{\"kind\":\"oidc\",\"issuer\":\"http://127.0.0.1:9/login\",\"clientId\":\"web\"}]"));
    }
  }

  private Answer settings(Vendor vendor) {
    return vendor.ask("GET /chat/settings.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  }

  private static String policy(String tokenId, String cache, String topic) {
    return """
    authentication:
      - open: {}
    parameters:
      room: { max-length: 32 }
    rules:
      - id: readers
        when: { groups: [readers] }
        permissions:
          - { role: ReadOnly, cache: all }
      - id: everybody
        token-id: "%s"
        permissions:
          - { role: SubscribeOnly, cache: %s, topic: %s }
    """
        .formatted(tokenId.equals("\"\"") ? "${request.room}" : tokenId, cache, topic);
  }
}
