package tokenvending.application;

import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tokenvending.budget.CircuitBreaker;
import tokenvending.observation.CallOutcome;
import tokenvending.observation.Observer;

/** Logs when the circuit breaker opens and closes, and passes everything on. */
record BreakerLog(Observer next) implements Observer {
  private static final Logger LOG = LoggerFactory.getLogger(BreakerLog.class);

  @Override
  public void breakerChanged(boolean open) {
    if (open) {
      LOG.atError()
          .addKeyValue("probeEverySeconds", CircuitBreaker.PROBE.toSeconds())
          .log("circuit open: calls to the token service keep failing, so callers get 503");
    } else {
      LOG.atInfo().log("circuit closed: the token service answers again");
    }
    next.breakerChanged(open);
  }

  @Override
  public void vendEnded(String outcome, Optional<String> rule, boolean reused) {
    next.vendEnded(outcome, rule, reused);
  }

  @Override
  public void callEnded(CallOutcome outcome, Duration took) {
    next.callEnded(outcome, took);
  }

  @Override
  public void waitEnded(WaitOutcome outcome, Duration waited) {
    next.waitEnded(outcome, waited);
  }

  @Override
  public void stateChanged(StateHealth health) {
    next.stateChanged(health);
  }
}
