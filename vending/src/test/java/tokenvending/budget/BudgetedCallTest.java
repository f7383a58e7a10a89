package tokenvending.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tokenvending.identity.Attempt;
import tokenvending.identity.Principal;
import tokenvending.issuing.IssueDeadline;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.issuing.IssueResult.Unavailable;
import tokenvending.issuing.UpstreamCall;
import tokenvending.issuing.UpstreamRequest;
import tokenvending.issuing.UpstreamResult;
import tokenvending.issuing.UpstreamResult.Kind;
import tokenvending.observation.CallOutcome;
import tokenvending.policy.Decision.Granted;
import tokenvending.policy.Grant;
import tokenvending.request.VendRequest;
import tokenvending.testing.Attempts;
import tokenvending.testing.Policies;
import tokenvending.testing.SettableNanos;

final class BudgetedCallTest {
  private static final AcquireResult.Rejected FULL =
      new AcquireResult.Rejected(Cause.BUDGET_EXHAUSTED, Duration.ofSeconds(7));
  private static final UpstreamResult LIMIT =
      new UpstreamResult(
          new Unavailable(Cause.UPSTREAM_RATE_LIMITED, Duration.ofSeconds(1)), Kind.MADE, Map.of());
  private static final UpstreamResult CREDENTIAL_EXPIRED =
      UpstreamResult.notMade(new Unavailable(Cause.CREDENTIAL_EXPIRED, Duration.ofSeconds(1)));

  private final SettableNanos time = new SettableNanos();
  private final List<String> events = new ArrayList<>();
  private final Deque<AcquireResult> results = new ArrayDeque<>();
  private final Budget budget =
      (caller, waited, timeout) -> {
        events.add("acquire after " + waited.toMillis() + " ms for " + timeout.toMillis() + " ms");
        return results.removeFirst();
      };
  private final Attempt attempt = Attempts.at(Instant.EPOCH);
  private final Instant now = attempt.at().plusMillis(20);
  private final Grant grant =
      ((Granted)
              Policies.compiled(Policies.builtIn())
                  .decide(Principal.anonymous(), VendRequest.of(Map.of("name", "Taylor")), now))
          .grant();

  private AcquireResult permit(boolean valid) {
    return new AcquireResult.Acquired(
        new Permit() {
          @Override
          public boolean isValid() {
            return valid;
          }

          @Override
          public void complete(CallOutcome outcome) {
            events.add("complete " + outcome);
          }

          @Override
          public void release() {
            events.add("release");
          }
        });
  }

  private UpstreamRequest<String> request() {
    return new UpstreamRequest<>(
        grant, attempt, "key", new IssueDeadline(Duration.ofSeconds(4), time));
  }

  private UpstreamResult call(UpstreamRequest<String> request, UpstreamCall<String> upstream) {
    return new BudgetedCall<>(upstream, budget, () -> now).call(request);
  }

  /** As the token service does: sends nothing without a valid permit. */
  private UpstreamResult sends(UpstreamRequest<String> request) {
    if (!request.permitted().getAsBoolean()) {
      return UpstreamResult.notMade(new Unavailable(Cause.BUDGET_EXHAUSTED, Duration.ofSeconds(1)));
    }
    events.add("call with " + request.deadline().left().toMillis() + " ms left");
    return LIMIT;
  }

  @Test
  void a_call_has_a_permit_and_reports_its_outcome() {
    results.add(permit(true));
    assertThat(call(request(), this::sends)).isEqualTo(LIMIT);
    assertThat(events)
        .containsExactly(
            "acquire after 20 ms for 9000 ms", "call with 4000 ms left", "complete RATE_LIMITED");
  }

  @Test
  void a_repeated_call_queues_as_of_now() {
    results.add(permit(true));
    assertThat(call(request().again(), this::sends)).isEqualTo(LIMIT);
    assertThat(events.getFirst()).isEqualTo("acquire after 0 ms for 9000 ms");
  }

  @Test
  void without_a_permit_nothing_is_sent() {
    results.add(FULL);
    IssueResult full = new Unavailable(Cause.BUDGET_EXHAUSTED, Duration.ofSeconds(7));
    assertThat(call(request(), this::sends)).isEqualTo(UpstreamResult.notMade(full));
    assertThat(events).containsExactly("acquire after 20 ms for 9000 ms");
  }

  @Test
  void a_call_that_is_not_made_releases_its_permit() {
    results.add(permit(true));
    assertThat(call(request(), request -> CREDENTIAL_EXPIRED)).isEqualTo(CREDENTIAL_EXPIRED);
    assertThat(events).containsExactly("acquire after 20 ms for 9000 ms", "release");
  }

  @Test
  void a_permit_that_expired_before_the_call_is_released_and_another_acquired() {
    results.add(permit(false));
    results.add(permit(true));
    assertThat(call(request(), this::sends)).isEqualTo(LIMIT);
    assertThat(events)
        .containsExactly(
            "acquire after 20 ms for 9000 ms",
            "release",
            "acquire after 0 ms for 4000 ms",
            "call with 4000 ms left",
            "complete RATE_LIMITED");
  }

  @ParameterizedTest
  @CsvSource({
    "UPSTREAM_TIMED_OUT, 0, 4000, TIMED_OUT",
    "UPSTREAM_TIMED_OUT, 0, 60000, CANCELED",
    "UPSTREAM_UNAVAILABLE, 0, 60000, CANCELED",
    "UPSTREAM_UNAVAILABLE, 0, 10, UNAVAILABLE",
    "UPSTREAM_UNAVAILABLE, 8900, 10, UNAVAILABLE",
    "UPSTREAM_TIMED_OUT, 8900, 100, CANCELED",
    "UPSTREAM_TIMED_OUT, 9500, 0, CANCELED",
  })
  void a_failure_while_the_process_was_suspended_says_nothing_about_the_service(
      Cause cause, long beforePermit, long duringCall, CallOutcome outcome) {
    results.add(permit(true));
    UpstreamRequest<String> request = request();
    time.advance(Duration.ofMillis(beforePermit));
    var _ =
        call(
            request,
            made -> {
              time.advance(Duration.ofMillis(duringCall));
              return new UpstreamResult(
                  new Unavailable(cause, Duration.ofSeconds(2)), Kind.MADE, Map.of());
            });
    assertThat(events).last().isEqualTo("complete " + outcome);
  }
}
