package tokenvending.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.lambda.RuntimeApiAtLoopback.Result;

/** Our own runtime beside AWS's client: the same function, the same events, the same words. */
final class OwnRuntimeTest {
  private static final String AWS = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda";
  private static final String OURS = Trouble.class.getName();

  /** What a life came to: what was said of each event, and how the process ended. */
  private record Life(List<String> said, int exit) {}

  private static Process start(String main, RuntimeApiAtLoopback runtime, Map<String, String> more)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                // A deep stack is told in full by both, up to this.
                "-XX:MaxJavaStackTraceDepth=20",
                "-cp",
                System.getProperty("java.class.path"),
                main,
                Trouble.class.getName() + "::handleRequest")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("AWS_LAMBDA_RUNTIME_API", runtime.authority());
    builder.environment().put("AWS_LAMBDA_FUNCTION_NAME", "trouble");
    builder.environment().put("AWS_LAMBDA_FUNCTION_VERSION", "1");
    builder.environment().put("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024");
    builder.environment().putAll(more);
    return builder.start();
  }

  private static Life life(String main, String... events) throws Exception {
    try (RuntimeApiAtLoopback runtime = new RuntimeApiAtLoopback()) {
      Process process = start(main, runtime, Map.of());
      try {
        List<String> said = new ArrayList<>();
        for (String event : events) {
          said.add(words(runtime.invoke(event)));
        }
        boolean ended = process.waitFor(1, TimeUnit.SECONDS);
        return new Life(said, ended ? process.exitValue() : -1);
      } finally {
        process.destroyForcibly();
        process.waitFor();
      }
    }
  }

  /** Without the frames of lambdas and accessors, which differ, and of whoever called. */
  private static String words(Result result) throws IOException {
    if (!result.kind().equals("error") && !result.kind().equals("init")) {
      return result.kind() + " " + result.body();
    }
    ObjectNode body = (ObjectNode) Events.JSON.readTree(result.body());
    List<String> frames = new ArrayList<>();
    for (JsonNode frame : body.path("stackTrace")) {
      if (frame.asText().contains(OURS + ".handle(") || frame.asText().contains(".deeper(")) {
        frames.add(frame.asText());
      }
    }
    body.remove("stackTrace");
    return result.kind() + " " + result.errorType() + " " + body + " " + frames;
  }

  @Test
  void events_and_errors_are_answered_as_AWSs_client_answers_them() throws Exception {
    String[] events = {
      "{}",
      "\"unauthorized\"",
      "\"no message\"",
      "\"checked\"",
      "\"caused\"",
      "\"error\"",
      "\"interrupt\"",
      "\"" + "e".repeat(6_000_000) + "\"",
      "{}"
    };
    Life ours = life(OURS, events);

    assertThat(ours.said().get(1))
        .isEqualTo(
            "error Runtime.UserException {\"errorMessage\":\"Unauthorized\",\"errorType\":\"%s$Quiet\"} []"
                .formatted(OURS));
    assertThat(ours.said().getFirst()).contains("response").contains("Root=1-5bef4de7");
    assertThat(ours).isEqualTo(life(AWS, events));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"memory\"", "\"deep\"", "\"io error\""})
  void a_JVM_that_may_be_broken_ends_after_its_report_as_under_AWSs_client(String event)
      throws Exception {
    Life ours = life(OURS, "{}", event);

    assertThat(ours.said().getLast()).startsWith("error");
    assertThat(ours.exit()).isNotNegative();
    assertThat(ours).isEqualTo(life(AWS, "{}", event));
  }

  @Test
  void an_answer_that_is_too_large_fails_its_event_alone() throws Exception {
    Life ours = life(OURS, "\"large\"", "{}");
    Life theirs = life(AWS, "\"large\"", "{}");

    assertThat(ours.said().getLast()).startsWith("response");
    assertThat(ours.said()).hasSameSizeAs(theirs.said());
    assertThat(ours.said().getLast()).isEqualTo(theirs.said().getLast());
  }

  @Test
  void a_start_that_fails_is_told_and_ends_with_one_as_under_AWSs_client() throws Exception {
    List<String> said = new ArrayList<>();
    for (String main : List.of(OURS, AWS)) {
      try (RuntimeApiAtLoopback runtime = new RuntimeApiAtLoopback()) {
        Process process = start(main, runtime, Map.of("TROUBLE", "yes"));
        said.add(words(runtime.failedStart()));
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
      }
    }
    assertThat(said.getFirst())
        .isEqualTo(
            "init Runtime.BadFunctionCode {\"errorMessage\":\"no start\",\"errorType\":\"java.lang.IllegalStateException\"} []");
    assertThat(said.getLast()).isEqualTo(said.getFirst());
  }

  @Test
  void a_process_that_waits_ends_at_once_when_it_is_told_to() throws Exception {
    try (RuntimeApiAtLoopback runtime = new RuntimeApiAtLoopback()) {
      Process process = start(OURS, runtime, Map.of());
      runtime.invoke("{}");
      process.destroy();
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
      // 128 + SIGTERM: nothing of ours stands in its way.
      assertThat(process.exitValue()).isEqualTo(143);
    }
  }

  @Test
  void a_Runtime_API_that_is_gone_ends_the_process_with_one() throws Exception {
    Process process;
    try (RuntimeApiAtLoopback runtime = new RuntimeApiAtLoopback()) {
      process = start(OURS, runtime, Map.of());
      runtime.invoke("{}");
    }
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(1);
  }
}
