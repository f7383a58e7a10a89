package tokenvending.issuing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import tokenvending.identity.Principal;
import tokenvending.issuing.IssueResult.Category;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.issuing.IssueResult.Unavailable;
import tokenvending.issuing.IssueResult.UpstreamFault;
import tokenvending.issuing.UpstreamResult.Kind;
import tokenvending.policy.Decision.Granted;
import tokenvending.policy.Grant;
import tokenvending.request.VendRequest;
import tokenvending.testing.Attempts;
import tokenvending.testing.Policies;
import tokenvending.testing.SettableNanos;

final class RetryingCallTest {
  private static final UpstreamResult UNAVAILABLE =
      result(new Unavailable(Cause.UPSTREAM_UNAVAILABLE, Duration.ofSeconds(2)), Kind.RETRYABLE);
  private static final UpstreamResult BROKEN =
      result(new Unavailable(Cause.UPSTREAM_UNAVAILABLE, Duration.ofSeconds(2)), Kind.MADE);
  private static final UpstreamResult REFUSED =
      result(new UpstreamFault(Category.REQUEST_REJECTED), Kind.MADE);
  private static final UpstreamResult NO_PERMIT =
      result(new Unavailable(Cause.BUDGET_EXHAUSTED, Duration.ofSeconds(7)), Kind.NOT_MADE);

  private final SettableNanos time = new SettableNanos();
  private final List<UpstreamRequest<String>> calls = new ArrayList<>();
  private final Grant grant =
      ((Granted)
              Policies.compiled(Policies.builtIn())
                  .decide(
                      Principal.anonymous(),
                      VendRequest.of(Map.of("name", "Taylor")),
                      Instant.EPOCH))
          .grant();

  private static UpstreamResult result(IssueResult result, Kind kind) {
    return new UpstreamResult(result, kind, Map.of());
  }

  /** The shortest pauses. */
  private static RandomGenerator least() {
    return () -> 0L;
  }

  private UpstreamResult call(UpstreamResult... results) {
    Deque<UpstreamResult> left = new ArrayDeque<>(List.of(results));
    UpstreamCall<String> upstream =
        request -> {
          calls.add(request);
          return left.removeFirst();
        };
    return new RetryingCall<>(upstream, least())
        .call(
            new UpstreamRequest<>(
                grant,
                Attempts.at(Instant.EPOCH),
                "key",
                new IssueDeadline(IssueDeadline.USUAL, time)));
  }

  @Test
  void a_result_that_stands_is_passed_on_after_one_call() {
    assertThat(call(REFUSED)).isEqualTo(REFUSED);
    assertThat(call(BROKEN)).isEqualTo(BROKEN);
    assertThat(call(NO_PERMIT)).isEqualTo(NO_PERMIT);
    assertThat(calls).hasSize(3);
  }

  @Test
  void an_unavailable_service_is_called_three_times_at_most() {
    assertThat(call(UNAVAILABLE, UNAVAILABLE, UNAVAILABLE)).isEqualTo(UNAVAILABLE);
    assertThat(calls).hasSize(3);
  }

  @Test
  void a_retry_is_a_repeated_request_with_the_same_key_and_no_permit() {
    assertThat(call(UNAVAILABLE, REFUSED)).isEqualTo(REFUSED);
    assertThat(calls).extracting(UpstreamRequest::repeated).containsExactly(false, true);
    assertThat(calls).extracting(UpstreamRequest::key).containsExactly("key", "key");
    assertThat(calls).noneMatch(request -> request.permitted().getAsBoolean());
  }

  @Test
  void where_no_other_call_can_be_made_the_failure_of_the_service_stands() {
    assertThat(call(UNAVAILABLE, NO_PERMIT)).isEqualTo(UNAVAILABLE);
    assertThat(calls).hasSize(2);
  }

  @Test
  void without_time_for_a_pause_there_is_no_retry() {
    IssueDeadline deadline = new IssueDeadline(Duration.ofMillis(50), time);
    deadline.permitAcquired();
    UpstreamCall<String> upstream =
        request -> {
          calls.add(request);
          return UNAVAILABLE;
        };
    assertThat(
            new RetryingCall<>(upstream, least())
                .call(new UpstreamRequest<>(grant, Attempts.at(Instant.EPOCH), "key", deadline)))
        .isEqualTo(UNAVAILABLE);
    assertThat(calls).hasSize(1);
  }

  @Test
  void an_interrupted_thread_does_not_retry_and_stays_interrupted() {
    Thread.currentThread().interrupt();
    assertThat(call(UNAVAILABLE)).isEqualTo(UNAVAILABLE);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void the_deadline_counts_from_the_first_permit_and_is_never_later_than_nine_seconds() {
    IssueDeadline deadline = new IssueDeadline(Duration.ofSeconds(4), time);
    time.advance(Duration.ofSeconds(3));
    assertThat(deadline.left()).isEqualTo(Duration.ofSeconds(6));
    deadline.permitAcquired();
    assertThat(deadline.left()).isEqualTo(Duration.ofSeconds(4));
    time.advance(Duration.ofSeconds(1));
    deadline.permitAcquired();
    assertThat(deadline.left()).isEqualTo(Duration.ofSeconds(3));
    time.advance(Duration.ofSeconds(4));
    assertThat(deadline.left()).isZero();

    IssueDeadline late = new IssueDeadline(Duration.ofSeconds(4), time);
    time.advance(Duration.ofSeconds(7));
    late.permitAcquired();
    assertThat(late.left()).isEqualTo(Duration.ofSeconds(2));
  }
}
