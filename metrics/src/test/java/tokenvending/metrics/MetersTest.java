package tokenvending.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.identity.AuthenticationResult;
import tokenvending.issuing.IssueResult;
import tokenvending.limits.Admission;
import tokenvending.observation.CallOutcome;
import tokenvending.observation.Condition;
import tokenvending.observation.Condition.KeySet;
import tokenvending.observation.Input;
import tokenvending.observation.Observer.StateHealth;
import tokenvending.observation.Observer.WaitOutcome;
import tokenvending.observation.QueueStatus;
import tokenvending.observation.ReloadState.Reload;
import tokenvending.policy.Decision;
import tokenvending.vending.Recorder;
import tokenvending.vending.Refusal;

final class MetersTest {
  private static final Condition CONDITION =
      new Condition(
          true,
          true,
          Optional.of(new QueueStatus(5, 3, 7, 9, Duration.ofMillis(1_400))),
          false,
          Optional.of(StateHealth.REACHABLE),
          List.of(
              new KeySet("https://a.example.com/", Optional.of(Duration.ofSeconds(90))),
              new KeySet("https://b.example.com/", Optional.empty())),
          "one",
          List.of(
              new Reload(Input.POLICY, Optional.of(Instant.ofEpochMilli(1_500)), Optional.empty()),
              new Reload(Input.API_KEY, Optional.empty(), Optional.of("it does not exist"))));

  private final Meters meters = new Meters("1.2.3");

  MetersTest() {
    meters.rulesInForce(List.of("members", "guests"));
  }

  @AfterEach
  void close() {
    meters.close();
  }

  private List<String> lines(Condition condition) {
    return new String(meters.text(condition), UTF_8).lines().toList();
  }

  private List<String> lines() {
    return lines(CONDITION);
  }

  private List<String> of(String name) {
    return lines().stream().filter(line -> line.startsWith(name + "{")).toList();
  }

  @Test
  void events_are_counted_by_their_labels() {
    meters.vendEnded("vended", Optional.of("members"), false);
    meters.vendEnded("vended", Optional.of("members"), true);
    meters.vendEnded("vended", Optional.of("members"), true);
    meters.vendEnded("unauthenticated", Optional.empty(), false);
    meters.callEnded(CallOutcome.SUCCEEDED, Duration.ofMillis(30));
    meters.callEnded(CallOutcome.TIMED_OUT, Duration.ofSeconds(4));
    meters.waitEnded(WaitOutcome.REJECTED, Duration.ofMillis(2));
    meters.breakerChanged(true);
    meters.breakerChanged(false);
    meters.stateChanged(StateHealth.UNAVAILABLE);
    meters.stateChanged(StateHealth.REACHABLE);

    assertThat(lines())
        .contains(
            "tvm_vends_total{outcome=\"vended\",reused=\"false\",rule=\"members\"} 1.0",
            "tvm_vends_total{outcome=\"vended\",reused=\"true\",rule=\"members\"} 2.0",
            "tvm_vends_total{outcome=\"vended\",reused=\"false\",rule=\"guests\"} 0.0",
            "tvm_vends_total{outcome=\"unauthenticated\",reused=\"false\",rule=\"(none)\"} 1.0",
            "tvm_upstream_call_duration_seconds_bucket{status=\"succeeded\",le=\"0.025\"} 0",
            "tvm_upstream_call_duration_seconds_bucket{status=\"succeeded\",le=\"0.05\"} 1",
            "tvm_upstream_call_duration_seconds_count{status=\"succeeded\"} 1",
            "tvm_upstream_call_duration_seconds_sum{status=\"succeeded\"} 0.03",
            "tvm_upstream_call_duration_seconds_count{status=\"timed-out\"} 1",
            "tvm_upstream_call_duration_seconds_count{status=\"api-key-rejected\"} 0",
            "tvm_budget_wait_seconds_count{result=\"rejected\"} 1",
            "tvm_budget_wait_seconds_bucket{result=\"rejected\",le=\"0.005\"} 1",
            "tvm_circuit_breaker_openings_total 1.0",
            "tvm_state_outages_total 1.0");
  }

  @Test
  void how_it_is_now_is_read_anew_each_time() {
    assertThat(lines())
        .contains(
            "tvm_build_info{version=\"1.2.3\"} 1",
            "tvm_policy_info{version=\"one\"} 1",
            "tvm_ready 1.0",
            "tvm_audit_writable 1.0",
            "tvm_circuit_breaker_open 0.0",
            "tvm_state_reachable 1.0",
            "tvm_budget_slots 5.0",
            "tvm_budget_free_slots 3.0",
            "tvm_budget_waiting_requests 7.0",
            "tvm_budget_queue_positions 9.0",
            "tvm_budget_expected_wait_seconds 1.4",
            "tvm_key_set_usable{issuer=\"https://a.example.com/\"} 1.0",
            "tvm_key_set_usable{issuer=\"https://b.example.com/\"} 0.0",
            "tvm_key_set_age_seconds{issuer=\"https://a.example.com/\"} 90.0",
            "tvm_reload_success{input=\"policy\"} 1.0",
            "tvm_reload_success{input=\"api_key\"} 0.0",
            "tvm_reload_last_success_timestamp_seconds{input=\"policy\"} 1.5")
        .noneMatch(
            line -> line.startsWith("tvm_reload_last_success_timestamp_seconds{input=\"api_key\""))
        .noneMatch(line -> line.startsWith("tvm_key_set_age_seconds{issuer=\"https://b."));

    Condition later =
        new Condition(
            false,
            false,
            Optional.empty(),
            true,
            Optional.of(StateHealth.UNAVAILABLE),
            List.of(new KeySet("https://b.example.com/", Optional.of(Duration.ofSeconds(1)))),
            "two",
            List.of());
    assertThat(lines(later))
        .contains(
            "tvm_policy_info{version=\"two\"} 1",
            "tvm_ready 0.0",
            "tvm_audit_writable 0.0",
            "tvm_circuit_breaker_open 1.0",
            "tvm_state_reachable 0.0",
            "tvm_key_set_usable{issuer=\"https://b.example.com/\"} 1.0",
            "tvm_key_set_age_seconds{issuer=\"https://b.example.com/\"} 1.0")
        .noneMatch(line -> line.contains("version=\"one\""))
        .noneMatch(line -> line.contains("a.example.com"))
        .noneMatch(line -> line.startsWith("tvm_reload_success"))
        .noneMatch(line -> line.startsWith("tvm_budget_slots"))
        .noneMatch(line -> line.startsWith("tvm_budget_expected_wait_seconds"));
  }

  @Test
  void rules_that_are_gone_are_forgotten_and_late_requests_of_theirs_count_as_former() {
    meters.vendEnded("vended", Optional.of("guests"), false);
    meters.rulesInForce(List.of("members", "friends"));
    meters.vendEnded("vended", Optional.of("guests"), false);
    meters.vendEnded("vended", Optional.of("friends"), false);

    assertThat(of("tvm_vends_total"))
        .contains(
            "tvm_vends_total{outcome=\"vended\",reused=\"false\",rule=\"friends\"} 1.0",
            "tvm_vends_total{outcome=\"vended\",reused=\"false\",rule=\"(former)\"} 1.0")
        .noneMatch(line -> line.contains("guests"));
  }

  @Test
  @Tag("T4")
  void hostile_values_make_no_labels() {
    int before = of("tvm_vends_total").size();
    for (int i = 0; i < 20_000; i++) {
      meters.vendEnded("eyJ" + i + "\n# \"\\", Optional.of("rule\"} 1\n" + i), i % 2 == 0);
    }
    meters.vendEnded("vended", Optional.of("(none)"), false);

    // Not all lines are counted: the JVM adds its own with its first garbage collection.
    assertThat(of("tvm_vends_total").size() - before).isEqualTo(3);
    List<String> after = lines();
    assertThat(after)
        .contains(
            "tvm_vends_total{outcome=\"(other)\",reused=\"true\",rule=\"(former)\"} 10000.0",
            "tvm_vends_total{outcome=\"(other)\",reused=\"false\",rule=\"(former)\"} 10000.0")
        .noneMatch(line -> line.contains("eyJ"));
  }

  @Test
  void files_that_follow_each_other_leave_nothing_behind() {
    for (int i = 0; i < 1_000; i++) {
      meters.rulesInForce(List.of("rule-" + i));
      meters.vendEnded("vended", Optional.of("rule-" + i), false);
    }

    assertThat(of("tvm_vends_total")).hasSize(6 + 6).noneMatch(line -> line.contains("rule-998\""));
  }

  @Test
  void every_word_of_a_refusal_is_known() {
    List<Refusal> refusals =
        List.of(
            new Refusal.Malformed("x"),
            new Refusal.Unauthenticated(AuthenticationResult.Reason.EXPIRED, List.of()),
            new Refusal.NotPermitted("x", Decision.Reason.NO_RULE_MATCHES),
            new Refusal.Denied(Decision.Reason.BLOCKED, Optional.empty()),
            new Refusal.LoginThrottled(Duration.ofSeconds(1)),
            new Refusal.Throttled(Admission.Scope.CALLER_LIMIT, Duration.ofSeconds(1)),
            new Refusal.AuthenticationUnavailable(Duration.ofSeconds(1)),
            new Refusal.TokenServiceUnavailable(
                IssueResult.Cause.STATE_UNAVAILABLE, Duration.ofSeconds(1)),
            new Refusal.TokenServiceFault(IssueResult.Category.API_KEY_REJECTED),
            new Refusal.NotAudited(),
            new Refusal.Internal());
    assertThat(refusals).hasSize(Refusal.class.getPermittedSubclasses().length);

    refusals.forEach(refusal -> meters.vendEnded(Recorder.word(refusal), Optional.empty(), false));

    assertThat(of("tvm_vends_total")).noneMatch(line -> line.contains("(other)"));
  }

  @Test
  void nothing_is_lost_when_many_count_while_it_is_read() throws InterruptedException {
    int threads = 8;
    int each = 5_000;
    CountDownLatch over = new CountDownLatch(threads);
    for (int i = 0; i < threads; i++) {
      var _ =
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (int n = 0; n < each; n++) {
                      meters.vendEnded("vended", Optional.of("members"), n % 2 == 0);
                      meters.callEnded(CallOutcome.SUCCEEDED, Duration.ofMillis(1));
                    }
                    over.countDown();
                  });
    }
    while (over.getCount() > 0) {
      var _ = lines();
    }

    assertThat(lines())
        .contains(
            "tvm_vends_total{outcome=\"vended\",reused=\"true\",rule=\"members\"} 20000.0",
            "tvm_vends_total{outcome=\"vended\",reused=\"false\",rule=\"members\"} 20000.0",
            "tvm_upstream_call_duration_seconds_count{status=\"succeeded\"} 40000");
  }

  @Test
  void the_machine_itself_is_told_of() {
    assertThat(lines())
        .anyMatch(line -> line.startsWith("jvm_memory_used_bytes{area=\"heap\""))
        .anyMatch(line -> line.startsWith("jvm_info{"))
        .anyMatch(line -> line.startsWith("process_uptime_seconds "))
        .anyMatch(line -> line.startsWith("process_cpu_usage "));
  }

  @Test
  void every_sample_has_its_help_and_a_type() {
    List<String> lines = lines();
    for (String line : lines) {
      if (line.startsWith("# TYPE tvm_")) {
        String name = line.split(" ", -1)[2];
        assertThat(lines).anyMatch(help -> help.startsWith("# HELP " + name + " "));
      }
    }
    assertThat(lines).contains("# TYPE tvm_upstream_call_duration_seconds histogram");
  }
}
