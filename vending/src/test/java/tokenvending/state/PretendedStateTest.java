package tokenvending.state;

import java.time.Duration;
import org.junit.jupiter.api.Nested;
import tokenvending.budget.BudgetQueue;
import tokenvending.limits.RateCounters;
import tokenvending.testing.BudgetQueueContract;
import tokenvending.testing.PretendedState;
import tokenvending.testing.RateCountersContract;
import tokenvending.testing.SealedEntriesContract;
import tokenvending.testing.SettableNanos;

final class PretendedStateTest {
  private final SettableNanos clock = new SettableNanos();
  private final PretendedState state = new PretendedState(clock);

  @Nested
  final class Line extends BudgetQueueContract {
    @Override
    protected BudgetQueue queue() {
      return state.queue();
    }

    @Override
    protected void pass(Duration time) {
      clock.advance(time);
    }
  }

  @Nested
  final class Counters extends RateCountersContract {
    @Override
    protected RateCounters counters() {
      return state.counters();
    }

    @Override
    protected void pass(Duration time) {
      clock.advance(time);
    }
  }

  @Nested
  final class Entries extends SealedEntriesContract {
    @Override
    protected SealedEntries entries() {
      return state.entries();
    }

    @Override
    protected void pass(Duration time) {
      clock.advance(time);
    }
  }
}
