package tokenvending.state;

import tokenvending.budget.BudgetQueue;
import tokenvending.limits.RateCounters;

/**
 * The state that several instances share in one store. Each part responds, or reports that the
 * store is unavailable, within a fraction of a second; none throws. Contract suites in {@code
 * testing}: {@code BudgetQueueContract}, {@code RateCountersContract} and {@code
 * SealedEntriesContract}.
 */
public interface SharedState extends AutoCloseable {
  BudgetQueue queue();

  RateCounters counters();

  SealedEntries entries();

  BlockStore blocks();

  @Override
  void close();
}
