package tokenvending.testing;

import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import tokenvending.budget.BudgetQueue;
import tokenvending.limits.RateCounters;
import tokenvending.state.BlockStore;
import tokenvending.state.SealedEntries;
import tokenvending.state.SharedState;

/** The contracts of the four parts of a shared state. A subclass is a test class. */
public abstract class SharedStateContract {
  /**
   * The state of a test.
   *
   * @param state empty, and closed by the test
   * @param pass lets time pass for it
   */
  public record Timed(SharedState state, Consumer<Duration> pass) {}

  protected abstract Timed timed();

  /** Returns the state for entries, if the store expires them by its own clock. */
  protected Timed timedEntries() {
    return timed();
  }

  @Nested
  final class Queue extends BudgetQueueContract {
    private final Timed timed = timed();

    @Override
    protected BudgetQueue queue() {
      return timed.state().queue();
    }

    @Override
    protected void pass(Duration time) {
      timed.pass().accept(time);
    }

    @AfterEach
    void close() {
      timed.state().close();
    }
  }

  @Nested
  final class Counters extends RateCountersContract {
    private final Timed timed = timed();

    @Override
    protected RateCounters counters() {
      return timed.state().counters();
    }

    @Override
    protected void pass(Duration time) {
      timed.pass().accept(time);
    }

    @AfterEach
    void close() {
      timed.state().close();
    }
  }

  /** Some tests wait for real time. */
  @Nested
  final class Entries extends SealedEntriesContract {
    private final Timed timed = timedEntries();

    @Override
    protected SealedEntries entries() {
      return timed.state().entries();
    }

    @Override
    protected void pass(Duration time) {
      timed.pass().accept(time);
    }

    @AfterEach
    void close() {
      timed.state().close();
    }
  }

  @Nested
  final class Blocks extends BlockStoreContract {
    private final Timed timed = timedEntries();

    @Override
    protected BlockStore blocks() {
      return timed.state().blocks();
    }

    @AfterEach
    void close() {
      timed.state().close();
    }
  }
}
