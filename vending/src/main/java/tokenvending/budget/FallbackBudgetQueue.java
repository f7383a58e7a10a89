package tokenvending.budget;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import tokenvending.limits.Rate;
import tokenvending.observation.Observer;
import tokenvending.observation.Observer.StateHealth;
import tokenvending.observation.QueueStatus;

/**
 * Falls back to this instance's share of the budget while a shared queue is unavailable. For one
 * period nothing is granted, so that every call that any instance was granted is over; then this
 * instance grants its own share, where it is known how many instances there may be. When the shared
 * queue is available again, own calls end first, and then it grants nothing until the other
 * instances have noticed too. So the account's budget is not exceeded. An outage that ends within
 * the idle period, such as one late answer, costs only waiting: nothing was granted apart from the
 * shared queue, and every caller keeps the rank of its arrival.
 */
public final class FallbackBudgetQueue implements BudgetQueue {
  /** During an outage one step in this time goes to the shared queue; the first ones sooner. */
  private static final Duration PROBE = Duration.ofMillis(500);

  /** One late answer is over by then. */
  private static final Duration FIRST_PROBE = Duration.ofMillis(100);

  /**
   * Added to the idle period: a call that was granted just before it began may begin up to a second
   * later, see {@link FairBudget}, and is on its way then. The longest step is added, too: another
   * instance may notice the outage later by so much.
   */
  private static final Duration MARGIN = Duration.ofSeconds(1);

  /**
   * An outage that is longer than one period by no more than this is over before any instance
   * grants from its share.
   */
  private static final Duration HARMLESS = Duration.ofMillis(500);

  /** Without a share, callers wait for so long before the queue is unavailable for them. */
  private static final Duration SHORT_OUTAGE = Duration.ofMillis(400);

  private static final Duration PAUSE = Duration.ofMillis(100);

  private final BudgetQueue shared;
  private final MemoryBudgetQueue own;
  private final LongSupplier nanoTime;
  private final Observer observer;

  private final Set<String> ownTickets = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean probing = new AtomicBoolean();
  private volatile Phase phase = new Phase.Shared();

  /** Starts with the shared queue. */
  public FallbackBudgetQueue(BudgetQueue shared, LongSupplier nanoTime, Observer observer) {
    this.shared = shared;
    this.own = new MemoryBudgetQueue(nanoTime);
    this.nanoTime = nanoTime;
    this.observer = observer;
  }

  private sealed interface Phase {
    /** Every step goes to the shared queue. */
    record Shared() implements Phase {}

    /**
     * The shared queue is unavailable.
     *
     * @param owesClosing whether an earlier outage was not reported to it yet
     */
    record Alone(long since, long idleUntil, long probeAt, long nextPause, boolean owesClosing)
        implements Phase {
      static Alone from(long now, Duration idle, boolean owesClosing) {
        long first = FIRST_PROBE.toNanos();
        return new Alone(now, now + idle.toNanos(), now + first, 2 * first, owesClosing);
      }

      Alone probedAt(long now) {
        return new Alone(
            since,
            idleUntil,
            now + nextPause,
            Math.min(2 * nextPause, PROBE.toNanos()),
            owesClosing);
      }
    }

    /** The shared queue is available again, and own calls are ending. */
    record Returning(boolean mustClose) implements Phase {}
  }

  /** Whether the shared queue is unavailable. */
  public boolean isUnavailable() {
    return phase instanceof Phase.Alone;
  }

  @Override
  public Poll poll(AcquireRequest request) {
    return switch (phase(request.terms())) {
      case Phase.Shared shared -> pollShared(request, false);
      case Phase.Alone alone -> pollAlone(alone, request);
      case Phase.Returning returning -> pollReturning(request, returning.mustClose());
    };
  }

  /** The phase now; checks whether the shared queue is available again, where that is due. */
  private Phase phase(BudgetTerms terms) {
    Phase seen = phase;
    if (!(seen instanceof Phase.Alone alone)
        || nanoTime.getAsLong() - alone.probeAt() < 0
        || !probing.compareAndSet(false, true)) {
      return seen;
    }
    try {
      boolean recovered = shared.status(terms).isPresent();
      synchronized (this) {
        if (phase.equals(alone)) {
          phase =
              recovered
                  ? new Phase.Returning(mustClose(alone, terms))
                  : alone.probedAt(nanoTime.getAsLong());
        }
        return phase;
      }
    } finally {
      probing.set(false);
    }
  }

  private Poll pollShared(AcquireRequest request, boolean afterOutage) {
    Poll poll = shared.poll(request.with(afterOutage || request.afterOutage(), request.terms()));
    return poll instanceof Poll.Unavailable
        ? pollAlone(goAlone(request.terms(), afterOutage), request)
        : poll;
  }

  private Phase.Alone goAlone(BudgetTerms terms, boolean owesClosing) {
    Phase.Alone alone;
    synchronized (this) {
      if (phase instanceof Phase.Alone already) {
        return already;
      }
      long now = nanoTime.getAsLong();
      Duration idle = terms.window().plus(MARGIN).plus(shared.longestStep());
      alone = Phase.Alone.from(now, idle, owesClosing);
      phase = alone;
    }
    observer.stateChanged(StateHealth.UNAVAILABLE);
    return alone;
  }

  private Poll pollAlone(Phase.Alone alone, AcquireRequest request) {
    if (!hasShare(request.terms())) {
      long left = SHORT_OUTAGE.toNanos() - (nanoTime.getAsLong() - alone.since());
      return left > 0 && request.timeout().isPositive()
          ? hold(request, left)
          : new Poll.Unavailable();
    }
    long idle = alone.idleUntil() - nanoTime.getAsLong();
    return idle > 0 ? hold(request, idle) : pollOwn(request);
  }

  /**
   * Whether another instance can have begun to grant from its share meanwhile. Where the queue
   * notices outages without a step, all have noticed this one at about the same time.
   */
  private boolean mustClose(Phase.Alone alone, BudgetTerms terms) {
    long harmless = terms.window().plus(HARMLESS).toNanos();
    return hasShare(terms)
        && (alone.owesClosing()
            || !shared.noticesOutages()
            || nanoTime.getAsLong() - alone.since() > harmless);
  }

  private Poll pollReturning(AcquireRequest request, boolean mustClose) {
    if (own.isBusy()) {
      return hold(request, PAUSE.toNanos());
    }
    boolean first;
    synchronized (this) {
      first = phase instanceof Phase.Returning;
      if (first) {
        phase = new Phase.Shared();
      }
    }
    if (first) {
      observer.stateChanged(StateHealth.REACHABLE);
    }
    own.leave(request.ticket());
    return pollShared(request, first && mustClose);
  }

  private Poll pollOwn(AcquireRequest request) {
    Poll poll = own.poll(request.with(false, share(request.terms())));
    if (poll instanceof Poll.Granted) {
      ownTickets.add(request.ticket());
    }
    return poll;
  }

  /** Callers that can wait do; the others are rejected with a short Retry-After. */
  private static Poll hold(AcquireRequest request, long nanos) {
    return request.timeout().isZero()
        ? new Poll.Rejected(Duration.ofSeconds(1 + (request.chance() < 0.5 ? 0 : 1)), false)
        : new Poll.Wait(Duration.ofNanos(Math.min(nanos, PAUSE.toNanos())));
  }

  /** Whether there is a share: where instances are more than slots, any call could be too many. */
  private static boolean hasShare(BudgetTerms terms) {
    return terms.maxInstances().isPresent() && terms.maxInstances().get() <= terms.slots();
  }

  /** The budget of one instance, in whole slots. */
  private static BudgetTerms share(BudgetTerms terms) {
    int slots = Math.max(1, terms.slots() / terms.maxInstances().orElse(1));
    return new BudgetTerms(new Rate(slots, terms.window()), terms.maxWait(), terms.longestCall());
  }

  @Override
  public void answered(String ticket, Answer answer, BudgetTerms terms) {
    if (ownTickets.remove(ticket)) {
      own.answered(ticket, answer, share(terms));
    } else {
      shared.answered(ticket, answer, terms);
    }
  }

  @Override
  public void release(String ticket) {
    if (ownTickets.remove(ticket)) {
      own.release(ticket);
    } else {
      shared.release(ticket);
    }
  }

  @Override
  public void leave(String ticket) {
    own.leave(ticket);
    if (phase instanceof Phase.Shared) {
      shared.leave(ticket);
    }
  }

  @Override
  public Duration longestStep() {
    return shared.longestStep();
  }

  @Override
  public boolean noticesOutages() {
    return shared.noticesOutages();
  }

  @Override
  public Optional<QueueStatus> status(BudgetTerms terms) {
    return switch (phase(terms)) {
      case Phase.Shared() -> shared.status(terms);
      case Phase.Alone alone -> !hasShare(terms) ? Optional.empty() : own.status(share(terms));
      case Phase.Returning returning -> own.status(share(terms));
    };
  }
}
