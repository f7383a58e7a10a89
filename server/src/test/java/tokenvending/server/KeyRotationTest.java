package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.application.Application;
import tokenvending.application.RuntimeEnvironment;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationReader;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.configuration.ConfigurationResult.Unusable;
import tokenvending.server.lifecycle.TokenServiceConnectors;

/** An operator replaces the API key in its file while tokens are vended. */
@Tag("T4")
@Timeout(60)
final class KeyRotationTest {
  private static final String OPEN =
      """
      authentication:
        - open: {}
      rules:
        - id: everyone
          permissions:
            - { role: ReadOnly, cache: a }
      momento: { api-key: "file:key", token-service: "UPSTREAM", budget: 1000/s }
      limits: { per-address: 1000/s }
      """;

  /** What operations.md tells operators: the new key is in use by then. */
  private static final Duration IN_USE = Duration.ofSeconds(30);

  @TempDir private Path folder;

  /** How far the clock is ahead of the real one: it steps while no request is under way. */
  private final AtomicLong ahead = new AtomicLong();

  @Test
  void none_of_1200_vends_fails_while_the_key_is_replaced() throws Exception {
    put("old");
    try (TokenServiceAtLoopback upstream = new TokenServiceAtLoopback()) {
      upstream.accept("old");
      Application application = Application.of(configuration(upstream), runtime());
      try {
        assertThat(vends(application, 300)).containsOnly(200);
        upstream.accept("old", "new");
        put("new");
        assertThat(vends(application, 300)).containsOnly(200);
        ahead.addAndGet(IN_USE.toNanos());
        assertThat(vends(application, 300)).containsOnly(200);
        upstream.accept("new");
        assertThat(vends(application, 300)).containsOnly(200);
      } finally {
        application.close();
      }
      List<String> keys = upstream.keys();
      // A few may have asked for the key before the one that read it again had done so.
      assertThat(keys).hasSize(1_200).startsWith("old").endsWith("new");
      assertThat(Collections.frequency(keys, "old")).isBetween(600, 699);
      assertThat(keys.subList(900, 1_200)).containsOnly("new");
    }
  }

  @Test
  void no_vend_fails_where_the_old_key_is_good_no_more() throws Exception {
    put("old");
    try (TokenServiceAtLoopback upstream = new TokenServiceAtLoopback()) {
      upstream.accept("old");
      Application application = Application.of(configuration(upstream), runtime());
      try {
        assertThat(vends(application, 100)).containsOnly(200);
        put("new");
        upstream.accept("new");
        // A key is not read twice in a second.
        ahead.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(vends(application, 100)).containsOnly(200);
      } finally {
        application.close();
      }
    }
  }

  /** As secrets are replaced where they are mounted: the file is whole at any time. */
  private void put(String inner) throws Exception {
    Path next = folder.resolve("next");
    Files.writeString(next, TokenServiceAtLoopback.apiKey(inner));
    Files.move(next, folder.resolve("key"), StandardCopyOption.ATOMIC_MOVE);
  }

  private static List<Integer> vends(Application application, int count) throws Exception {
    try (ExecutorService callers = Executors.newFixedThreadPool(8)) {
      Callable<Integer> vend = () -> Stage.get(application, "", Map.of()).status();
      return callers.invokeAll(Collections.nCopies(count, vend)).stream()
          .map(Future::resultNow)
          .toList();
    }
  }

  private Configuration configuration(TokenServiceAtLoopback upstream) {
    return switch (ConfigurationReader.parse(
        OPEN.replace("UPSTREAM", upstream.uri()), "tvm.yaml", folder)) {
      case Read read -> read.configuration();
      case Unusable(var problems) -> throw new AssertionError(problems);
    };
  }

  private RuntimeEnvironment runtime() {
    return new RuntimeEnvironment(
        Map.of(),
        new ByteArrayOutputStream(),
        InstantSource.system(),
        () -> System.nanoTime() + ahead.get(),
        new SecureRandom(),
        TokenServiceConnectors.connector(),
        Optional.empty());
  }
}
