package tokenvending.budget;

import java.time.Duration;
import java.time.InstantSource;
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
          UpstreamResult result = call.call(request.with(permit::isValid));
          if (result.isMade()) {
            permit.complete(outcome(result.result()));
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
