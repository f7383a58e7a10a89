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
 * Uses this instance's share of the budget while a shared queue is unavailable. It first grants
 * nothing for one period, until every call that any instance was granted has ended. Then it grants
 * from its own share, if the number of instances is known. When the shared queue recovers, this
 * instance's calls end first, and the shared queue grants nothing until the other instances have
 * noticed the recovery. The account's budget is therefore never exceeded. A short outage, such as
 * one late response, costs only waiting: every caller keeps the rank of its arrival.
 */
public final class FallbackBudgetQueue implements BudgetQueue {
  /** The time between two probes of the shared queue during an outage. */
  private static final Duration PROBE = Duration.ofMillis(500);

  /** The time before the first probe. */
  private static final Duration FIRST_PROBE = Duration.ofMillis(100);

  /**
   * Added to the idle period: a call can begin up to a second after its slot was granted, see
   * {@link FairBudget}. The longest step is added as well, because another instance can notice the
   * outage that much later.
   */
  private static final Duration MARGIN = Duration.ofSeconds(1);

  /**
   * An outage at most this much longer than one period ends before any instance grants from its
   * share.
   */
  private static final Duration HARMLESS = Duration.ofMillis(500);

  /** How long callers wait before they are rejected, if this instance has no share. */
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
     * @param owesClosing whether the shared queue still has to be closed for an earlier outage
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

    /** The shared queue recovered, and this instance's calls are ending. */
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

  /** Returns the current phase, after a probe of the shared queue if one is due. */
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
   * Whether another instance can have granted from its share during the outage. If the queue
   * notices outages between steps, all instances noticed this one at about the same time.
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

  /** Makes callers wait if they can; rejects the others with a short {@code Retry-After}. */
  private static Poll hold(AcquireRequest request, long nanos) {
    return request.timeout().isZero()
        ? new Poll.Rejected(Duration.ofSeconds(1 + (request.chance() < 0.5 ? 0 : 1)), false)
        : new Poll.Wait(Duration.ofNanos(Math.min(nanos, PAUSE.toNanos())));
  }

  /** Whether this instance has a share: there are no more instances than slots. */
  private static boolean hasShare(BudgetTerms terms) {
    return terms.maxInstances().isPresent() && terms.maxInstances().get() <= terms.slots();
  }

  /** Returns the budget of one instance, in whole slots. */
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
