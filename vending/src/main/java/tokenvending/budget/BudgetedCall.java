package tokenvending.budget;

import java.time.Duration;
import java.time.InstantSource;
import tokenvending.issuing.IssueDeadline;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.issuing.IssueResult.Issued;
import tokenvending.issuing.IssueResult.Unavailable;
import tokenvending.issuing.IssueResult.UpstreamFault;
import tokenvending.issuing.UpstreamCall;
import tokenvending.issuing.UpstreamRequest;
import tokenvending.issuing.UpstreamResult;
import tokenvending.observation.CallOutcome;

/** Acquires a permit for each call, and reports how the call ended. */
public final class BudgetedCall<K> implements UpstreamCall<K> {
  /** A shorter timeout does not show that the service fails. */
  private static final Duration FAIR_TIME = Duration.ofSeconds(1);

  /** A call that ends later after its deadline was made by a process that was suspended. */
  private static final Duration LATEST_END = Duration.ofMillis(500);

  private final UpstreamCall<K> call;
  private final Budget budget;
  private final InstantSource clock;

  public BudgetedCall(UpstreamCall<K> call, Budget budget, InstantSource clock) {
    this.call = call;
    this.budget = budget;
    this.clock = clock;
  }

  @Override
  public UpstreamResult call(UpstreamRequest<K> request) {
    BudgetCaller caller = BudgetCaller.of(request.grant().caller(), request.attempt().from());
    Duration waited =
        request.repeated()
            ? Duration.ZERO
            : Duration.between(request.attempt().at(), clock.instant());
    while (true) {
      switch (budget.acquire(caller, waited, request.deadline().left())) {
        case AcquireResult.Rejected(Cause cause, Duration retryAfter) -> {
          return UpstreamResult.notMade(new Unavailable(cause, retryAfter));
        }
        case AcquireResult.Acquired(Permit permit) -> {
          request.deadline().permitAcquired();
          Duration time = request.deadline().left();
          UpstreamResult result = call.call(request.with(permit::isValid));
          if (result.isMade()) {
            CallOutcome outcome = outcome(result.result());
            permit.complete(
                isAboutService(outcome, time, request.deadline()) ? outcome : CallOutcome.CANCELED);
            return result;
          }
          boolean valid = permit.isValid();
          permit.release();
          if (valid) {
            return result;
          }
          // The process was suspended: another caller can have the slot by now.
          waited = Duration.ZERO;
        }
      }
    }
  }

  /** Whether a failure is the service's, and not that of a process that was suspended meanwhile. */
  private static boolean isAboutService(
      CallOutcome outcome, Duration time, IssueDeadline deadline) {
    return switch (outcome) {
      case SUCCEEDED, API_KEY_REJECTED, REQUEST_REJECTED, RATE_LIMITED, CANCELED -> true;
      case TIMED_OUT ->
          time.compareTo(FAIR_TIME) >= 0 && deadline.overdue().compareTo(LATEST_END) <= 0;
      case UNAVAILABLE, FAILED -> deadline.overdue().compareTo(LATEST_END) <= 0;
    };
  }

  private static CallOutcome outcome(IssueResult result) {
    return switch (result) {
      case Issued issued -> CallOutcome.SUCCEEDED;
      case Unavailable(Cause cause, Duration retryAfter) ->
          switch (cause) {
            case UPSTREAM_RATE_LIMITED -> CallOutcome.RATE_LIMITED;
            case CALLER_DISCONNECTED -> CallOutcome.CANCELED;
            case UPSTREAM_UNAVAILABLE -> CallOutcome.UNAVAILABLE;
            case UPSTREAM_TIMED_OUT -> CallOutcome.TIMED_OUT;
            case CIRCUIT_OPEN,
                BUDGET_EXHAUSTED,
                STATE_UNAVAILABLE,
                CREDENTIAL_EXPIRED,
                NO_API_KEY ->
                CallOutcome.FAILED;
          };
      case UpstreamFault(IssueResult.Category category) ->
          switch (category) {
            case API_KEY_REJECTED, API_KEY_NOT_PERMITTED -> CallOutcome.API_KEY_REJECTED;
            case REQUEST_REJECTED -> CallOutcome.REQUEST_REJECTED;
            case INVALID_RESPONSE, UNEXPECTED_STATUS -> CallOutcome.FAILED;
          };
    };
  }
}
