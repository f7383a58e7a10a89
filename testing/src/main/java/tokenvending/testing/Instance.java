package tokenvending.testing;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import tokenvending.budget.AcquireResult;
import tokenvending.budget.BudgetCaller;
import tokenvending.budget.BudgetTerms;
import tokenvending.budget.CallWindow;
import tokenvending.budget.FairBudget;
import tokenvending.budget.FallbackBudgetQueue;
import tokenvending.budget.Permit;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.limits.Rate;
import tokenvending.limits.RateCounters.Charge;
import tokenvending.limits.RateCounters.Counted;
import tokenvending.observation.CallOutcome;
import tokenvending.observation.Observer;
import tokenvending.state.SharedState;

/** An instance's view of the shared budget, with simulated callers that request without end. */
public final class Instance implements AutoCloseable {
  /** Five calls per second. */
  public static final BudgetTerms TERMS =
      new BudgetTerms(
          new Rate(5, Duration.ofSeconds(1)), Duration.ofSeconds(2), Duration.ofSeconds(3));

  private static final List<Charge> ABSENT =
      List.of(new Charge("absent", new Rate(1_000, Duration.ofSeconds(1))));

  static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final SharedState state;
  private final FallbackBudgetQueue queue;
  private final FairBudget budget;
  private final Upstream upstream;
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicInteger names = new AtomicInteger();
  private final List<Thread> people = new ArrayList<>();

  /** Uses this state, which it closes. */
  public Instance(SharedState state, Optional<Integer> maxInstances, Upstream upstream) {
    this.state = state;
    this.queue = new FallbackBudgetQueue(state.queue(), System::nanoTime, Observer.none());
    BudgetTerms terms =
        new BudgetTerms(TERMS.rate(), TERMS.maxWait(), TERMS.longestCall(), maxInstances);
    this.budget =
        new FairBudget(
            queue,
            terms,
            new CallWindow(terms, System::nanoTime),
            System::nanoTime,
            new SecureRandom(),
            Observer.none());
    this.upstream = upstream;
    awaitReachable(state);
  }

  /** Waits until the store is available; the first connection can be slow on a busy machine. */
  public static void awaitReachable(SharedState state) {
    Await.until(
        "reachable", () -> !(state.counters().count(ABSENT) instanceof Counted.Unavailable));
  }

  /** Waits until this instance has connected to the store. */
  public void awaitReachable() {
    awaitReachable(state);
  }

  /** Starts callers, each of which is a new one for every request. */
  public void startCallers(int count) {
    for (int i = 0; i < count; i++) {
      people.add(Thread.ofVirtual().start(this::askForEver));
    }
  }

  private AcquireResult acquire(Duration timeout) {
    String name = System.identityHashCode(this) + "-" + names.incrementAndGet();
    return budget.acquire(new BudgetCaller(name, false), Duration.ZERO, timeout);
  }

  private void askForEver() {
    while (!Thread.currentThread().isInterrupted()) {
      switch (acquire(TIMEOUT)) {
        case AcquireResult.Acquired(Permit call) -> call(call);
        // Earlier than Retry-After, as a client can.
        case AcquireResult.Rejected notNow -> Await.pass(Duration.ofMillis(50));
      }
    }
  }

  private void call(Permit call) {
    if (!call.isValid()) {
      call.release();
      return;
    }
    jitter();
    upstream.arrive();
    calls.incrementAndGet();
    jitter();
    call.complete(CallOutcome.SUCCEEDED);
  }

  private static void jitter() {
    Await.pass(Duration.ofMillis(ThreadLocalRandom.current().nextInt(1, 20)));
  }

  /** Takes slots and never releases them. */
  public void takeAndDie(int slots) {
    for (int i = 0; i < slots; i++) {
      var _ = slot();
      upstream.arrive();
    }
    close();
  }

  /** Makes one call as soon as there is a slot. */
  public void takeOne() {
    Permit call = slot();
    upstream.arrive();
    call.complete(CallOutcome.SUCCEEDED);
  }

  private Permit slot() {
    for (int i = 0; i < 30; i++) {
      if (acquire(TIMEOUT) instanceof AcquireResult.Acquired(Permit call)) {
        return call;
      }
    }
    throw new AssertionError("no slot was free");
  }

  /** Stops the callers. */
  public void stopCallers() {
    people.forEach(Thread::interrupt);
    people.clear();
  }

  /** Returns why a caller is rejected. */
  public Cause refusal() {
    return switch (acquire(TIMEOUT)) {
      case AcquireResult.Acquired acquired -> throw new AssertionError("a permit was granted");
      case AcquireResult.Rejected(Cause cause, Duration retryAfter) -> cause;
    };
  }

  /** Returns the number of calls made. */
  public int calls() {
    return calls.get();
  }

  /** Whether it uses its own share of the budget. */
  public boolean isAlone() {
    return queue.isUnavailable();
  }

  @Override
  public void close() {
    people.forEach(Thread::interrupt);
    state.close();
  }
}
