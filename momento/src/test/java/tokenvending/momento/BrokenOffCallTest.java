package tokenvending.momento;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.issuing.IssueResult.Unavailable;

/** A service that keeps the deadline of a call, too, can only break it off. */
class BrokenOffCallTest {
  private static final Duration DEADLINE = Duration.ofSeconds(1);

  /** By a reset, or by the status that some services send in place of one. */
  static List<GrpcReply> ways() {
    return List.of(
        new GrpcReply.Failure(GrpcStatus.RESET, new FailureCause.StreamReset(8)),
        GrpcReply.reported(GrpcStatus.CANCELLED));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void call_that_is_broken_off_at_the_deadline_was_too_slow(GrpcReply way) {
    CountingBudget budget = new CountingBudget();
    assertThat(after(DEADLINE, way, budget))
        .isEqualTo(new Unavailable(Cause.UPSTREAM_TIMED_OUT, Duration.ofSeconds(2)));
    assertThat(budget.outcomes()).containsExactly("TIMED_OUT");
  }

  @ParameterizedTest
  @MethodSource("ways")
  void call_that_is_broken_off_before_the_deadline_was_not(GrpcReply way) {
    CountingBudget budget = new CountingBudget();
    assertThat(after(DEADLINE.minusNanos(1), way, budget))
        .isEqualTo(new Unavailable(Cause.UPSTREAM_UNAVAILABLE, Duration.ofSeconds(2)));
    assertThat(budget.outcomes()).containsExactly("UNAVAILABLE");
  }

  @ParameterizedTest
  @CsvSource({"PT1S, 1000m", "PT0.0010S, 1m", "PT0.001000001S, 2m", "PT0S, 0m"})
  void service_is_never_told_a_shorter_time_than_its_caller_waits(Duration timeout, String told) {
    assertThat(TokenServiceConnection.grpcTimeout(timeout)).isEqualTo(told);
  }

  private static IssueResult after(Duration time, GrpcReply reply, CountingBudget budget) {
    AtomicLong now = new AtomicLong();
    TokenServiceConnection connection =
        new TokenServiceConnection() {
          @Override
          public GrpcReply call(ByteString message, Duration timeout) {
            now.addAndGet(time.toNanos());
            return reply;
          }

          @Override
          public void awaitConnected(Duration timeout) {}

          @Override
          public void retire() {}

          @Override
          public void close() {}
        };
    try (IssuingRow issuer =
        new IssuingRow(
            MomentoTokenIssuerTest.fixed(MomentoTokenIssuerTest.key("raw-key")),
            Optional.of(MomentoTokenIssuerTest.address("http://127.0.0.1:1")),
            address -> connection,
            DEADLINE,
            budget,
            InstantSource.system(),
            now::get,
            RandomGenerator.getDefault())) {
      return issuer.issue(Grants.of("ReadOnly cache=a"), Grants.HERE);
    }
  }
}
