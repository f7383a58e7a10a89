package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.text.Json;

/** A token for a whole audience, over real sockets. */
final class ReuseTest {
  private static final String VEND = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

  private static final String EVERYONE =
      """
      token: { ttl: 10m }
      authentication: [ { open: {} } ]
      rules:
        - id: audience
          reuse: everyone
          permissions: [ { role: SubscribeOnly, cache: live, topic: goals } ]
      cors: { allow-origins: ["https://chat.example.com"] }
      """;

  @TempDir private Path folder;

  @Test
  void audience_gets_one_token_and_comes_back_when_it_is_no_longer_handed_out() {
    try (Vendor vendor = Vendor.start(folder, EVERYONE)) {
      Set<String> tokens = new HashSet<>();
      Set<Long> refreshes = new HashSet<>();
      for (int i = 0; i < 40; i++) {
        Map<String, String> answer =
            Json.object(vendor.ask(VEND).body()).map(Json.Members::scalars).orElse(Map.of());
        long end = Long.parseLong(answer.getOrDefault("expiresAt", "0"));
        long refresh = Long.parseLong(answer.getOrDefault("refreshAfter", "0"));
        tokens.add(answer.getOrDefault("authToken", ""));
        refreshes.add(refresh);
        assertThat(refresh).isBetween(end - 299, end - 60);
      }

      assertThat(vendor.minted()).isEqualTo(1);
      assertThat(tokens).hasSize(1).doesNotContain("");
      assertThat(refreshes).hasSizeGreaterThan(20);
      assertThat(vendor.audit().getFirst()).doesNotContain("reused");
      assertThat(vendor.audit().subList(1, 40)).allMatch(line -> line.contains("\"reused\":true"));
    }
  }
}
