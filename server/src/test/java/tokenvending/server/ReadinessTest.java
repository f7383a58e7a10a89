package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.api.ApiRequest;
import tokenvending.api.ApiResponse;
import tokenvending.api.Body;
import tokenvending.api.ManagementApi;
import tokenvending.api.Query;
import tokenvending.application.Application;
import tokenvending.application.RuntimeEnvironment;
import tokenvending.application.StateOpener;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationReader;
import tokenvending.configuration.ConfigurationResult;
import tokenvending.configuration.StateSettings;
import tokenvending.secret.Secret;
import tokenvending.server.lifecycle.TokenServiceConnectors;
import tokenvending.state.SharedState;
import tokenvending.testing.Attempts;
import tokenvending.testing.FakeSharedState;

/** A readiness probe costs a step in the shared store at most four times a second. */
@Tag("T6")
final class ReadinessTest {
  private final AtomicLong nanos = new AtomicLong();
  private final FakeSharedState state = new FakeSharedState(nanos::get);

  @Test
  void both_ports_share_four_computations_a_second() {
    SecureRandom random = new SecureRandom();
    RuntimeEnvironment runtime =
        new RuntimeEnvironment(
                Map.of(),
                OutputStream.nullOutputStream(),
                InstantSource.system(),
                nanos::get,
                random,
                TokenServiceConnectors.connector(),
                Optional.of(
                    new RuntimeEnvironment.LocalMomento(
                        Secret.of(TokenServiceAtLoopback.apiKey("one")),
                        URI.create("http://127.0.0.1:1"))))
            .with(opener());
    try (Application application = Application.of(configuration(), runtime)) {
      ManagementApi management =
          new ManagementApi(
              application::notReadyReason,
              Map::of,
              () -> {
                var _ = application.condition();
                return Body.empty();
              },
              random);
      ask(application, management);
      int before = state.questions();
      for (int i = 0; i < 1_000; i++) {
        ask(application, management);
        nanos.addAndGet(Duration.ofMillis(1).toNanos());
      }
      // Readiness is one step, and what metrics report is two.
      assertThat(state.questions() - before).isLessThanOrEqualTo(4 * 3);
    }
  }

  private static void ask(Application application, ManagementApi management) {
    assertThat(application.api().handle(get("/readyz")).status()).isEqualTo(200);
    ApiResponse readiness = management.handle(get("/readyz"));
    assertThat(readiness.status()).isEqualTo(200);
    assertThat(management.handle(get("/metrics")).status()).isEqualTo(200);
  }

  private StateOpener opener() {
    return new StateOpener() {
      @Override
      public SharedState open(StateSettings settings, LongSupplier nanoTime) {
        return state;
      }

      @Override
      public Optional<String> configurationError(StateSettings settings) {
        return Optional.empty();
      }
    };
  }

  private static Configuration configuration() {
    String file =
        """
        authentication: [{ open: {} }]
        state: redis://127.0.0.1:1
        rules: [{ id: a, permissions: [{ role: ReadOnly, cache: chat }] }]
        """;
    return switch (ConfigurationReader.parse(file, "tvm.yaml", Path.of("/"))) {
      case ConfigurationResult.Read read -> read.configuration();
      case ConfigurationResult.Unusable(var problems) -> throw new AssertionError(problems);
    };
  }

  private static ApiRequest get(String path) {
    return new ApiRequest(
        "GET",
        path,
        new Query.Decoded(List.of()),
        Map.of(),
        Body.empty(),
        Attempts.address("192.0.2.1"),
        Instant.EPOCH);
  }
}
