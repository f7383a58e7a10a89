package tokenvending.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import tokenvending.budget.BudgetQueue;
import tokenvending.budget.BudgetTerms;
import tokenvending.budget.MemoryBudgetQueue;
import tokenvending.limits.RateCounters;
import tokenvending.observation.QueueStatus;
import tokenvending.state.BlockStore;
import tokenvending.state.SealedEntries;
import tokenvending.state.SharedState;

/** A shared state in this process that a test can make unavailable. Thread-safe. */
public final class FakeSharedState implements SharedState {
  private final LongSupplier nanoTime;
  private final MemoryBudgetQueue queue;
  private final Map<String, Long> freshAt = new HashMap<>();
  private final Map<String, Entry> entries = new HashMap<>();
  private final Map<String, String> blocks = new HashMap<>();
  private boolean away;
  private int questions;

  private static final class Entry {
    private final byte[] sealed;
    private final long until;

    Entry(byte[] sealed, long until) {
      this.sealed = sealed.clone();
      this.until = until;
    }
  }

  public FakeSharedState(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.queue = new MemoryBudgetQueue(nanoTime);
  }

  /** Makes the state unavailable. */
  public synchronized void goAway() {
    away = true;
  }

  /** Makes the state available again, with its content. */
  public synchronized void comeBack() {
    away = false;
  }

  /** Returns the number of requests, including those while it is unavailable. */
  public synchronized int questions() {
    return questions;
  }

  /** Returns the entries by name, for tests that modify them. */
  public synchronized Map<String, byte[]> kept() {
    Map<String, byte[]> all = new HashMap<>();
    entries.forEach((name, entry) -> all.put(name, entry.sealed.clone()));
    return all;
  }

  private synchronized boolean isUnavailable() {
    questions++;
    return away;
  }

  @Override
  public BudgetQueue queue() {
    return new BudgetQueue() {
      @Override
      public Poll poll(AcquireRequest request) {
        return isUnavailable() ? new Poll.Unavailable() : queue.poll(request);
      }

      @Override
      public void answered(String ticket, Answer answer, BudgetTerms terms) {
        if (!isUnavailable()) {
          queue.answered(ticket, answer, terms);
        }
      }

      @Override
      public void release(String ticket) {
        if (!isUnavailable()) {
          queue.release(ticket);
        }
      }

      @Override
      public void leave(String ticket) {
        if (!isUnavailable()) {
          queue.leave(ticket);
        }
      }

      @Override
      public Optional<QueueStatus> status(BudgetTerms terms) {
        return isUnavailable() ? Optional.empty() : queue.status(terms);
      }
    };
  }

  @Override
  public RateCounters counters() {
    return charges -> isUnavailable() ? new RateCounters.Counted.Unavailable() : count(charges);
  }

  private synchronized RateCounters.Counted count(List<RateCounters.Charge> charges) {
    long now = nanoTime.getAsLong();
    int over = -1;
    long longest = 0;
    List<Long> next = new ArrayList<>();
    for (RateCounters.Charge charge : charges) {
      long interval = charge.rate().per().toNanos() / charge.rate().count();
      long before = freshAt.getOrDefault(charge.key(), now);
      long from = before - now > 0 ? before : now;
      long wait = from - now - interval * (charge.rate().count() - 1);
      if (wait > longest) {
        longest = wait;
        over = next.size();
      }
      next.add(from + interval);
    }
    if (over >= 0) {
      return new RateCounters.Counted.Over(over, Duration.ofNanos(longest));
    }
    for (int i = 0; i < charges.size(); i++) {
      freshAt.put(charges.get(i).key(), next.get(i));
    }
    return new RateCounters.Counted.Admitted();
  }

  @Override
  public SealedEntries entries() {
    return new SealedEntries() {
      @Override
      public Optional<byte[]> find(String name) {
        return isUnavailable() ? Optional.empty() : found(name);
      }

      @Override
      public void put(String name, byte[] sealed, Duration life) {
        if (!isUnavailable()) {
          store(name, sealed, life);
        }
      }
    };
  }

  @Override
  public BlockStore blocks() {
    return new BlockStore() {
      @Override
      public Reading read() {
        return isUnavailable() ? new Reading.Unavailable() : new Reading.Found(blockEntries());
      }

      @Override
      public boolean put(String name, String entry) {
        return !isUnavailable() && putBlock(name, entry);
      }

      @Override
      public void remove(String name) {
        if (!isUnavailable()) {
          removeBlock(name);
        }
      }
    };
  }

  /** Returns the entries of the list of blocked callers. */
  public synchronized Map<String, String> blockEntries() {
    return Map.copyOf(blocks);
  }

  private synchronized boolean putBlock(String name, String entry) {
    blocks.put(name, entry);
    return true;
  }

  private synchronized void removeBlock(String name) {
    blocks.remove(name);
  }

  /** Loses the list of blocked callers. */
  public synchronized void loseBlocks() {
    blocks.clear();
  }

  private synchronized Optional<byte[]> found(String name) {
    return Optional.ofNullable(entries.get(name))
        .filter(entry -> entry.until - nanoTime.getAsLong() > 0)
        .map(entry -> entry.sealed.clone());
  }

  private synchronized void store(String name, byte[] sealed, Duration life) {
    entries.put(name, new Entry(sealed, nanoTime.getAsLong() + life.toNanos()));
  }

  @Override
  public void close() {}
}
