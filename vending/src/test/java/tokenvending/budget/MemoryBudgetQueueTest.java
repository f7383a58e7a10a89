package tokenvending.budget;

import java.time.Duration;
import tokenvending.testing.BudgetQueueContract;
import tokenvending.testing.SettableNanos;

final class MemoryBudgetQueueTest extends BudgetQueueContract {
  private final SettableNanos clock = new SettableNanos();
  private final MemoryBudgetQueue queue = new MemoryBudgetQueue(clock);

  @Override
  protected BudgetQueue queue() {
    return queue;
  }

  @Override
  protected void pass(Duration time) {
    clock.advance(time);
  }
}
