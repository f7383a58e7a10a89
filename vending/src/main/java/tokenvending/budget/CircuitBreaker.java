package tokenvending.budget;

import java.time.Duration;
import java.util.BitSet;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.observation.CallOutcome;

/**
 * Rejects calls while the service fails. It opens after {@value #IN_A_ROW} failures in a row, or
 * when more than half of the last {@value #WINDOW} calls failed. While open, it allows one probe
 * call every five seconds; the first call with a response closes it. Thread-safe.
 */
public final class CircuitBreaker implements Budget {
  static final int IN_A_ROW = 5;
  static final int WINDOW = 20;

  /** The time between two probes. */
  public static final Duration PROBE = Duration.ofSeconds(5);

  private final Budget budget;
  private final LongSupplier nanoTime;
  private final Consumer<Boolean> listener;

  private final BitSet failed = new BitSet(WINDOW);
  private int calls;
  private int inARow;
  private boolean open;
  private long openedAt;
  private long nextProbe;

  public CircuitBreaker(Budget budget, LongSupplier nanoTime, Consumer<Boolean> listener) {
    this.budget = budget;
    this.nanoTime = nanoTime;
    this.listener = listener;
  }

  @Override
  public AcquireResult acquire(BudgetCaller caller, Duration waited, Duration timeout) {
    long left = untilProbe();
    if (left > 0) {
      return rejected(left);
    }
    return switch (budget.acquire(caller, waited, timeout)) {
      case AcquireResult.Rejected rejected -> rejected;
      case AcquireResult.Acquired(Permit call) -> {
        long opened = startCall();
        if (opened > 0) {
          // The circuit opened while the caller waited.
          call.release();
          yield rejected(opened);
        }
        yield new AcquireResult.Acquired(new Counted(call));
      }
    };
  }

  private static AcquireResult rejected(long nanos) {
    return new AcquireResult.Rejected(Cause.CIRCUIT_OPEN, Duration.ofNanos(nanos));
  }

  /** Returns how long the circuit has been open; zero if it is closed. */
  public synchronized Duration openFor() {
    return open ? Duration.ofNanos(nanoTime.getAsLong() - openedAt) : Duration.ZERO;
  }

  private synchronized long untilProbe() {
    return open ? Math.max(0, nextProbe - nanoTime.getAsLong()) : 0;
  }

  /** Reserves the probe of this interval if the circuit is open. */
  private synchronized long startCall() {
    long left = untilProbe();
    if (open && left == 0) {
      nextProbe = nanoTime.getAsLong() + PROBE.toNanos();
    }
    return left;
  }

  private synchronized void count(boolean failure) {
    failed.set(calls % WINDOW, failure);
    calls++;
    inARow = failure ? inARow + 1 : 0;
    if (!failure && open) {
      open = false;
      failed.clear();
      calls = 0;
      listener.accept(false);
      return;
    }
    boolean mostly = calls >= WINDOW && failed.cardinality() > WINDOW / 2;
    if (!open && (inARow >= IN_A_ROW || mostly)) {
      open = true;
      openedAt = nanoTime.getAsLong();
      nextProbe = openedAt + PROBE.toNanos();
      listener.accept(true);
    }
  }

  /** A permit whose outcome the breaker counts. */
  private final class Counted implements Permit {
    private final Permit call;

    Counted(Permit call) {
      this.call = call;
    }

    @Override
    public boolean isValid() {
      return call.isValid();
    }

    @Override
    public void complete(CallOutcome outcome) {
      call.complete(outcome);
      switch (outcome) {
        case SUCCEEDED, API_KEY_REJECTED, REQUEST_REJECTED, RATE_LIMITED -> count(false);
        case UNAVAILABLE, TIMED_OUT, FAILED -> count(true);
        case CANCELED -> {}
      }
    }

    @Override
    public void release() {
      call.release();
    }
  }
}
