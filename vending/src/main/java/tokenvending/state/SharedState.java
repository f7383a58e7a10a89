package tokenvending.state;

import tokenvending.budget.BudgetQueue;
import tokenvending.limits.RateCounters;

/**
 * What several instances hold in one store. Every part is bounded in time: it answers, or says that
 * the store is away, within a fraction of a second; none throws. Contract suites: {@code
 * BudgetQueueContract}, {@code RateCountersContract} and {@code SealedEntriesContract} in the test
 * kit.
 */
public interface SharedState extends AutoCloseable {
  BudgetQueue queue();

  RateCounters counters();

  SealedEntries entries();

  @Override
  void close();
}
