package tokenvending.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.observation.CallOutcome;
import tokenvending.observation.Metric;
import tokenvending.observation.Observer.StateHealth;
import tokenvending.observation.Observer.WaitOutcome;

final class EmbeddedMetricsTest {
  private static final Instant NOW = Instant.ofEpochMilli(1_764_000_000_123L);

  @TempDir private Path folder;
  private final Writes out = new Writes();
  private final EmbeddedMetrics metrics =
      new EmbeddedMetrics(out, "vend-1", InstantSource.fixed(NOW), true);

  /** A stream that remembers what was written at once. */
  private static final class Writes extends OutputStream {
    private final List<String> writes = new ArrayList<>();

    @Override
    public void write(int one) {
      writes.add(String.valueOf((char) one));
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      writes.add(new String(bytes, from, length, UTF_8));
    }
  }

  private static List<JsonNode> objects(String text) {
    List<JsonNode> objects = new ArrayList<>();
    for (String line : text.lines().toList()) {
      try {
        objects.add(Events.JSON.readTree(line));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return objects;
  }

  private List<JsonNode> written() {
    metrics.write();
    List<JsonNode> objects = objects(String.join("", out.writes));
    objects.forEach(EmbeddedMetricsTest::check);
    out.writes.clear();
    return objects;
  }

  /** What CloudWatch asks of an object, so that it takes metrics out of it. */
  private static void check(JsonNode object) {
    assertThat(object.at("/_aws/Timestamp").isIntegralNumber()).isTrue();
    JsonNode directives = object.at("/_aws/CloudWatchMetrics");
    assertThat(directives.size()).isBetween(1, 100);
    for (JsonNode directive : directives) {
      assertThat(directive.get("Namespace").asText()).isEqualTo("MomentoTokenVendingMachine");
      for (JsonNode set : directive.get("Dimensions")) {
        assertThat(set.size()).isBetween(1, 30);
        for (JsonNode dimension : set) {
          assertThat(object.path(dimension.asText()).asText()).isNotEmpty();
          assertThat(object.path(dimension.asText()).isTextual()).isTrue();
        }
      }
      for (JsonNode metric : directive.get("Metrics")) {
        assertThat(object.path(metric.get("Name").asText()).isNumber()).isTrue();
        assertThat(metric.get("Unit").asText()).isIn("Count", "Seconds");
      }
    }
  }

  @Test
  void one_vend_is_one_object_in_one_write() {
    metrics.waitEnded(WaitOutcome.GRANTED, Duration.ofMillis(2));
    metrics.callEnded(CallOutcome.SUCCEEDED, Duration.ofMillis(31));
    metrics.vendEnded("vended", Optional.of("everybody"), false);
    metrics.write();

    assertThat(out.writes)
        .containsExactly(
            """
            {"_aws":{"Timestamp":1764000000123,"CloudWatchMetrics":[\
            {"Namespace":"MomentoTokenVendingMachine",\
            "Dimensions":[["function","outcome","reused"]],\
            "Metrics":[{"Name":"tvm_vends_total","Unit":"Count"}]},\
            {"Namespace":"MomentoTokenVendingMachine",\
            "Dimensions":[["function","status"]],\
            "Metrics":[{"Name":"tvm_upstream_call_duration_seconds","Unit":"Seconds"}]},\
            {"Namespace":"MomentoTokenVendingMachine",\
            "Dimensions":[["function","result"]],\
            "Metrics":[{"Name":"tvm_budget_wait_seconds","Unit":"Seconds"}]}]},\
            "function":"vend-1","outcome":"vended","reused":"false","rule":"everybody",\
            "tvm_vends_total":1.0,"status":"succeeded","tvm_upstream_call_duration_seconds":0.031,\
            "result":"granted","tvm_budget_wait_seconds":0.002}
            """);
  }

  @Test
  void events_of_one_kind_do_not_overwrite_each_other() {
    metrics.callEnded(CallOutcome.UNAVAILABLE, Duration.ofMillis(1));
    metrics.callEnded(CallOutcome.SUCCEEDED, Duration.ofMillis(2));
    metrics.vendEnded("vended", Optional.empty(), true);
    metrics.breakerChanged(true);
    metrics.breakerChanged(false);
    metrics.stateChanged(StateHealth.UNAVAILABLE);
    metrics.stateChanged(StateHealth.REACHABLE);

    List<JsonNode> objects = written();
    assertThat(objects).hasSize(2);
    assertThat(objects.get(0).get("status").asText()).isEqualTo("unavailable");
    assertThat(objects.get(0).get(Metric.CIRCUIT_BREAKER_OPENINGS.title()).asInt()).isEqualTo(1);
    assertThat(objects.get(0).get(Metric.STATE_OUTAGES.title()).asInt()).isEqualTo(1);
    assertThat(objects.get(0).has("rule")).isFalse();
    assertThat(objects.get(1).get("status").asText()).isEqualTo("succeeded");
  }

  @Test
  void each_event_is_written_once_and_nothing_where_nothing_happened() {
    metrics.vendEnded("vended", Optional.empty(), false);

    assertThat(written()).hasSize(1);
    assertThat(written()).isEmpty();

    metrics.vendEnded("vended", Optional.empty(), false);
    metrics.forget();
    assertThat(written()).isEmpty();
  }

  @Test
  @Tag("T4")
  void one_invocation_is_bounded_and_a_line_stays_a_line() {
    for (int i = 0; i < 1_000; i++) {
      metrics.vendEnded("vended", Optional.of("rule\n\"" + i), false);
    }

    assertThat(written()).hasSize(50).allMatch(line -> line.get("rule").asText().contains("\n"));
  }

  @Test
  void where_the_stack_wants_no_metrics_the_lines_are_only_logged() {
    EmbeddedMetrics logged =
        EmbeddedMetrics.of(
            Map.of("TVM_METRICS", "off", "AWS_LAMBDA_FUNCTION_NAME", "vend-1"),
            out,
            InstantSource.fixed(NOW));
    logged.vendEnded("vended", Optional.of("everybody"), false);
    logged.write();

    JsonNode line = objects(String.join("", out.writes)).getFirst();
    assertThat(line.has("_aws")).isFalse();
    assertThat(line.get("tvm_vends_total").asInt()).isEqualTo(1);
    assertThat(line.get("rule").asText()).isEqualTo("everybody");
  }

  @Test
  void a_log_that_cannot_be_written_fails_no_request() {
    EmbeddedMetrics unlucky =
        new EmbeddedMetrics(
            new OutputStream() {
              @Override
              public void write(int one) throws IOException {
                throw new IOException("full");
              }
            },
            "vend-1",
            InstantSource.fixed(NOW),
            true);
    unlucky.vendEnded("vended", Optional.empty(), false);

    unlucky.write();
  }

  @Test
  void functions_write_what_each_invocation_came_to() throws Exception {
    ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    try (Upstream upstream = new Upstream()) {
      Map<String, String> environment =
          upstream.deployed(
              folder,
              """
              authentication: [ { open: {} } ]
              parameters: { name: { max-length: 8 } }
              rules:
                - id: everybody
                  permissions: [ { role: ReadOnly, cache: chat } ]
              """);
      environment.put("AWS_LAMBDA_FUNCTION_NAME", "stack-Vend-1");
      VendHandler handler =
          new VendHandler(
              environment, stdout, InstantSource.system(), SecretsAt.of(upstream.secrets));
      handler.connect(Duration.ofSeconds(30));
      // The first one is slow, and may need a second turn.
      Events.answer(handler, Events.get(Map.of("name", "first"), Map.of()));
      stdout.reset();
      Events.answer(handler, Events.get(Map.of("name", "canary"), Map.of()));
      Events.answer(handler, Events.get(Map.of("canary", "canary"), Map.of("canary", "x")));

      List<JsonNode> told = metrics(stdout);
      told.forEach(EmbeddedMetricsTest::check);
      assertThat(told).hasSize(2);
      assertThat(told.get(0).get("function").asText()).isEqualTo("stack-Vend-1");
      assertThat(told.get(0).get("outcome").asText()).isEqualTo("vended");
      assertThat(told.get(0).get("rule").asText()).isEqualTo("everybody");
      assertThat(told.get(0).get("status").asText()).isEqualTo("succeeded");
      assertThat(told.get(0).get("tvm_upstream_call_duration_seconds").asDouble())
          .isBetween(0.0, 4.0);
      assertThat(told.get(0).get("result").asText()).isEqualTo("granted");
      assertThat(told.get(1).get("outcome").asText()).isEqualTo("malformed-request");
      assertThat(told.toString()).doesNotContain("canary");
      assertThat(upstream.minted).hasValue(2);

      handler.beforeCheckpoint(org.crac.Core.getGlobalContext());
      stdout.reset();
      handler.afterRestore(org.crac.Core.getGlobalContext());
      Events.answer(handler, Events.get(Map.of("name", "x"), Map.of()));
      assertThat(metrics(stdout).stream().filter(line -> line.has("outcome")))
          .as("what primed it is nobody's")
          .hasSize(1);
    }
  }

  private static List<JsonNode> metrics(ByteArrayOutputStream stdout) {
    return objects(stdout.toString(UTF_8)).stream().filter(line -> line.has("_aws")).toList();
  }
}
