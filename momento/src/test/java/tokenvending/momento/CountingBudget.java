package tokenvending.momento;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import tokenvending.budget.Applicant;
import tokenvending.budget.Budget;
import tokenvending.budget.Turn;

/** Grants every turn, unless told what to say, and remembers how each call ended. Thread-safe. */
final class CountingBudget implements Budget {
  private final List<Applicant> applicants = new ArrayList<>();
  private final List<Duration> waited = new ArrayList<>();
  private final List<String> endings = new ArrayList<>();
  private final Deque<Turn> refusals = new ArrayDeque<>();
  private boolean lapses;

  /** The turn after those that have an answer is not granted. */
  synchronized CountingBudget grants(int turns, Turn.NotNow then) {
    for (int i = 0; i < turns; i++) {
      refusals.add(new Turn.Granted(new Counted()));
    }
    refusals.add(then);
    return this;
  }

  /** From now on whoever has a turn is too late for it. */
  synchronized CountingBudget lapses() {
    lapses = true;
    return this;
  }

  @Override
  public synchronized Turn await(Applicant applicant, Duration ago, Duration patience) {
    applicants.add(applicant);
    waited.add(ago);
    Turn told = refusals.poll();
    return told == null ? new Turn.Granted(new Counted()) : told;
  }

  /** Who asked for a turn, once for each call. */
  synchronized List<Applicant> applicants() {
    return List.copyOf(applicants);
  }

  /** How long ago each of them had come, as it was told. */
  synchronized List<Duration> waited() {
    return List.copyOf(waited);
  }

  /** How the calls ended, in order; {@code UNUSED} for those that were not made. */
  synchronized List<String> endings() {
    return List.copyOf(endings);
  }

  private synchronized void end(String word) {
    endings.add(word);
  }

  private synchronized boolean hold() {
    return !lapses;
  }

  private final class Counted implements Turn.Call {
    @Override
    public boolean holds() {
      return hold();
    }

    @Override
    public void ended(Turn.Ending ending) {
      end(ending.name());
    }

    @Override
    public void unused() {
      end("UNUSED");
    }
  }
}
