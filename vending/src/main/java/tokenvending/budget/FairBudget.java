package tokenvending.budget;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import tokenvending.budget.BudgetQueue.AcquireRequest;
import tokenvending.budget.BudgetQueue.Answer;
import tokenvending.budget.BudgetQueue.Poll;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.observation.CallOutcome;
import tokenvending.observation.Observer;
import tokenvending.observation.Observer.WaitOutcome;
import tokenvending.observation.QueueStatus;

/**
 * Makes each caller wait in a {@link BudgetQueue} for its permit, on the caller's thread.
 * Thread-safe.
 */
public final class FairBudget implements Budget {
  private static final Duration WHILE_UNAVAILABLE = Duration.ofSeconds(2);

  /** How long calls from before a reload count. */
  private static final Duration AFTER_CHANGE = Duration.ofSeconds(1);

  /** How long a granted permit can be unused; the queue keeps its slot longer. */
  private static final Duration LAPSE = Duration.ofSeconds(1);

  private final BudgetQueue queue;
  private final BudgetTerms terms;
  private final CallWindow calls;
  private final LongSupplier nanoTime;
  private final RandomGenerator random;
  private final Observer observer;

  private final String tickets;
  private final AtomicLong lastTicket = new AtomicLong();
  private final AtomicLong unserved = new AtomicLong();
  private volatile long servedAt;
  private final Set<Thread> waiting = ConcurrentHashMap.newKeySet();

  /**
   * The ticket of each caller's last rejected request, oldest first. The queue can have granted it
   * a slot in a response that was lost; the caller's next request uses it again.
   */
  private final SequencedMap<String, String> rejected = new LinkedHashMap<>();

  /**
   * Waits in one queue.
   *
   * @param calls this process's calls, including those granted by another queue or budget
   * @param random spreads {@code Retry-After} times, and makes tickets unique among instances
   */
  public FairBudget(
      BudgetQueue queue,
      BudgetTerms terms,
      CallWindow calls,
      LongSupplier nanoTime,
      RandomGenerator random,
      Observer observer) {
    this.queue = queue;
    this.terms = terms;
    this.calls = calls;
    this.nanoTime = nanoTime;
    this.random = random;
    this.observer = observer;
    this.servedAt = nanoTime.getAsLong();
    this.tickets = Long.toUnsignedString(random.nextLong(), Character.MAX_RADIX) + "-";
  }

  @Override
  public AcquireResult acquire(BudgetCaller caller, Duration waited, Duration timeout) {
    String ticket = ticketOf(caller);
    long since = nanoTime.getAsLong();
    long longest = Math.min(timeout.toNanos(), terms.maxWait().toNanos());
    while (true) {
      long asked = nanoTime.getAsLong();
      Duration left = Duration.ofNanos(Math.max(0, longest - (asked - since)));
      AcquireRequest request =
          new AcquireRequest(
              caller,
              ticket,
              waited.plusNanos(asked - since),
              left,
              random.nextDouble(),
              false,
              terms);
      switch (queue.poll(request)) {
        case Poll.Granted() -> {
          if (!begin(ticket, asked)) {
            queue.release(ticket);
            wake();
            if (Thread.currentThread().isInterrupted()) {
              observer.waitEnded(WaitOutcome.CANCELED, since(since));
              return new AcquireResult.Rejected(Cause.CALLER_DISCONNECTED, WHILE_UNAVAILABLE);
            }
            if (left.isZero()) {
              observer.waitEnded(WaitOutcome.REJECTED, since(since));
              return new AcquireResult.Rejected(Cause.BUDGET_EXHAUSTED, AFTER_CHANGE);
            }
            ticket = nextTicket();
            continue;
          }
          unserved.set(0);
          servedAt = asked;
          observer.waitEnded(WaitOutcome.GRANTED, since(since));
          // Counted from the request: the store's response may be old.
          return new AcquireResult.Acquired(new Held(ticket, asked, nanoTime.getAsLong()));
        }
        case Poll.Wait(Duration pollAgain) -> {
          if (!pause(Math.min(pollAgain.toNanos(), Math.max(1, left.toNanos())))) {
            queue.leave(ticket);
            wake();
            observer.waitEnded(WaitOutcome.CANCELED, since(since));
            return new AcquireResult.Rejected(Cause.CALLER_DISCONNECTED, WHILE_UNAVAILABLE);
          }
        }
        case Poll.Rejected(Duration after, boolean kept) -> {
          useAgain(caller, ticket);
          unserved.incrementAndGet();
          observer.waitEnded(WaitOutcome.REJECTED, since(since));
          return new AcquireResult.Rejected(Cause.BUDGET_EXHAUSTED, after);
        }
        case Poll.Unavailable() -> {
          useAgain(caller, ticket);
          unserved.incrementAndGet();
          observer.waitEnded(WaitOutcome.UNAVAILABLE, since(since));
          return new AcquireResult.Rejected(Cause.STATE_UNAVAILABLE, WHILE_UNAVAILABLE);
        }
      }
    }
  }

  private String ticketOf(BudgetCaller caller) {
    synchronized (rejected) {
      String ticket = rejected.remove(caller.key());
      return ticket != null ? ticket : nextTicket();
    }
  }

  private void useAgain(BudgetCaller caller, String ticket) {
    synchronized (rejected) {
      rejected.putLast(caller.key(), ticket);
      if (rejected.size() > BudgetQueue.MOST_POSITIONS) {
        rejected.pollFirstEntry();
      }
    }
  }

  private String nextTicket() {
    return tickets + lastTicket.incrementAndGet();
  }

  /**
   * Counts the call in this process's window. If calls of another queue or budget fill the window,
   * which happens only around a reload, it waits while the slot is valid. Returns false when the
   * slot expired.
   */
  private boolean begin(String ticket, long grantedAt) {
    while (true) {
      long wait = calls.start(ticket, grantedAt);
      if (wait == 0) {
        return true;
      }
      long held = LAPSE.toNanos() - (nanoTime.getAsLong() - grantedAt);
      if (held <= 0 || !pause(Math.min(wait, held))) {
        return false;
      }
    }
  }

  /**
   * Returns how long all callers have been rejected: the time since the last permit, if a caller
   * was rejected after it and no slot is free now.
   */
  public Duration exhaustedFor() {
    boolean free = queue.status(terms).filter(status -> status.free() > 0).isPresent();
    return unserved.get() == 0 || free ? Duration.ZERO : since(servedAt);
  }

  /** Returns the state of the queue; empty while it is unavailable. */
  public Optional<QueueStatus> status() {
    return queue.status(terms);
  }

  private Duration since(long start) {
    return Duration.ofNanos(nanoTime.getAsLong() - start);
  }

  /** Waits for the time, or until a slot is released here. Returns false if interrupted. */
  private boolean pause(long nanos) {
    waiting.add(Thread.currentThread());
    LockSupport.parkNanos(this, nanos);
    waiting.remove(Thread.currentThread());
    return !Thread.currentThread().isInterrupted();
  }

  /** Wakes the waiting callers: a slot is free earlier than they expect. */
  private void wake() {
    waiting.forEach(LockSupport::unpark);
  }

  /** A permit for a slot that was granted here. */
  private final class Held implements Permit {
    private final String ticket;
    private final long askedAt;
    private final long begunAt;

    Held(String ticket, long askedAt, long begunAt) {
      this.ticket = ticket;
      this.askedAt = askedAt;
      this.begunAt = begunAt;
    }

    @Override
    public boolean isValid() {
      return nanoTime.getAsLong() - askedAt < LAPSE.toNanos();
    }

    @Override
    public void complete(CallOutcome outcome) {
      // First, because the queue can grant the slot again one period after its own step.
      calls.ended(ticket);
      queue.answered(
          ticket, outcome == CallOutcome.RATE_LIMITED ? Answer.RATE_LIMITED : Answer.GIVEN, terms);
      observer.callEnded(outcome, since(begunAt));
    }

    @Override
    public void release() {
      calls.release(ticket);
      queue.release(ticket);
      wake();
    }
  }
}
