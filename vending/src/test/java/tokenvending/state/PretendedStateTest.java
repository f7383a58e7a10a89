package tokenvending.state;

import tokenvending.testing.FakeSharedState;
import tokenvending.testing.SettableNanos;
import tokenvending.testing.SharedStateContract;

final class PretendedStateTest extends SharedStateContract {
  @Override
  protected Timed timed() {
    SettableNanos clock = new SettableNanos();
    return new Timed(new FakeSharedState(clock), clock::advance);
  }
}
