package tokenvending.momento;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import tokenvending.budget.AcquireResult;
import tokenvending.budget.Budget;
import tokenvending.budget.BudgetCaller;
import tokenvending.budget.Permit;
import tokenvending.observation.CallOutcome;

/** Grants every turn, unless next what to say, and remembers how each call ended. Thread-safe. */
final class CountingBudget implements Budget {
  private final List<BudgetCaller> callers = new ArrayList<>();
  private final List<Duration> waited = new ArrayList<>();
  private final List<String> outcomes = new ArrayList<>();
  private final Deque<AcquireResult> results = new ArrayDeque<>();
  private boolean lapses;

  /** The turn after those that have an answer is not granted. */
  synchronized CountingBudget grants(int turns, AcquireResult.Rejected then) {
    for (int i = 0; i < turns; i++) {
      results.add(new AcquireResult.Acquired(new Counted()));
    }
    results.add(then);
    return this;
  }

  /** From now on whoever has a turn is too late for it. */
  synchronized CountingBudget lapses() {
    lapses = true;
    return this;
  }

  @Override
  public synchronized AcquireResult acquire(BudgetCaller caller, Duration ago, Duration timeout) {
    callers.add(caller);
    waited.add(ago);
    AcquireResult next = results.poll();
    return next == null ? new AcquireResult.Acquired(new Counted()) : next;
  }

  /** Who asked for a turn, once for each call. */
  synchronized List<BudgetCaller> callers() {
    return List.copyOf(callers);
  }

  /** How long ago each of them had come, as it was next. */
  synchronized List<Duration> waited() {
    return List.copyOf(waited);
  }

  /** How the calls ended, in order; {@code UNUSED} for those that were not made. */
  synchronized List<String> outcomes() {
    return List.copyOf(outcomes);
  }

  private synchronized void end(String word) {
    outcomes.add(word);
  }

  private synchronized boolean hold() {
    return !lapses;
  }

  private final class Counted implements Permit {
    @Override
    public boolean isValid() {
      return hold();
    }

    @Override
    public void complete(CallOutcome outcome) {
      end(outcome.name());
    }

    @Override
    public void release() {
      end("UNUSED");
    }
  }
}
