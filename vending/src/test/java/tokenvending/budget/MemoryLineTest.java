package tokenvending.budget;

import java.time.Duration;
import tokenvending.testing.BudgetLineContract;
import tokenvending.testing.SettableNanos;

final class MemoryLineTest extends BudgetLineContract {
  private final SettableNanos clock = new SettableNanos();
  private final MemoryLine line = new MemoryLine(clock);

  @Override
  protected BudgetLine line() {
    return line;
  }

  @Override
  protected void pass(Duration time) {
    clock.advance(time);
  }
}
