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

/**
 * A shared line, and what goes on while it is away: nothing for one period, so that every call that
 * anybody was granted is over; then this instance's own share of the budget, where it is known how
 * many instances there may be. When the shared line is back, own calls end first, and then nothing
 * is granted by it until the other instances are back too. So the account's budget is not exceeded.
 */
public final class FallbackLine implements BudgetLine {
  /** While it is away, one question in this time goes to the shared line. */
  private static final Duration PROBE = Duration.ofMillis(500);

  /**
   * Added to the idle period: a call that was granted just before it began may begin up to a second
   * later, see {@link FairBudget}, and is on its way then.
   */
  private static final Duration MARGIN = Duration.ofMillis(1_250);

  private static final Duration PAUSE = Duration.ofMillis(100);

  private final BudgetLine shared;
  private final MemoryLine own;
  private final LongSupplier nanoTime;
  private final Observer observer;

  private final Set<String> ownTickets = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean probing = new AtomicBoolean();
  private volatile Phase phase = new Phase.Shared();

  /** A queue that outlives its store. */
  public FallbackLine(BudgetLine shared, LongSupplier nanoTime, Observer observer) {
    this.shared = shared;
    this.own = new MemoryLine(nanoTime);
    this.nanoTime = nanoTime;
    this.observer = observer;
  }

  private sealed interface Phase {
    /** All goes to the shared line. */
    record Shared() implements Phase {}

    /** The shared line is away. */
    record Alone(long idleUntil, long probeAt) implements Phase {}

    /** The shared line is back, and own calls are ending. */
    record Returning() implements Phase {}
  }

  /** Whether the shared line is away. */
  public boolean isAway() {
    return phase instanceof Phase.Alone;
  }

  @Override
  public Look ask(Ask ask) {
    return switch (phase(ask.terms())) {
      case Phase.Shared shared -> askShared(ask, false);
      case Phase.Alone alone -> askAlone(alone, ask);
      case Phase.Returning returning -> askReturning(ask);
    };
  }

  /** The phase now; asks the shared line whether it is back, where that is due. */
  private Phase phase(BudgetTerms terms) {
    Phase seen = phase;
    if (!(seen instanceof Phase.Alone alone)
        || nanoTime.getAsLong() - alone.probeAt() < 0
        || !probing.compareAndSet(false, true)) {
      return seen;
    }
    try {
      boolean back = shared.standing(terms).isPresent();
      synchronized (this) {
        if (phase.equals(alone)) {
          phase =
              back
                  ? new Phase.Returning()
                  : new Phase.Alone(alone.idleUntil(), nanoTime.getAsLong() + PROBE.toNanos());
        }
        return phase;
      }
    } finally {
      probing.set(false);
    }
  }

  private Look askShared(Ask ask, boolean afterAbsence) {
    Look look =
        shared.ask(
            new Ask(
                ask.applicant(),
                ask.ticket(),
                ask.waited(),
                ask.patience(),
                ask.chance(),
                afterAbsence || ask.afterAbsence(),
                ask.terms()));
    return switch (look) {
      case Look.Away() -> askAlone(goAlone(ask.terms()), ask);
      case Look.Granted granted -> granted;
      case Look.Wait wait -> wait;
      case Look.ComeBack comeBack -> comeBack;
    };
  }

  private Phase.Alone goAlone(BudgetTerms terms) {
    Phase.Alone alone;
    synchronized (this) {
      if (phase instanceof Phase.Alone already) {
        return already;
      }
      long now = nanoTime.getAsLong();
      alone =
          new Phase.Alone(now + terms.window().toNanos() + MARGIN.toNanos(), now + PROBE.toNanos());
      phase = alone;
    }
    observer.stateChanged(StateHealth.AWAY);
    return alone;
  }

  private Look askAlone(Phase.Alone alone, Ask ask) {
    if (!hasShare(ask.terms())) {
      return new Look.Away();
    }
    long idle = alone.idleUntil() - nanoTime.getAsLong();
    return idle > 0 ? hold(ask, idle) : askOwn(ask);
  }

  private Look askReturning(Ask ask) {
    if (own.isBusy()) {
      return hold(ask, PAUSE.toNanos());
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
    own.leave(ask.ticket());
    // Who has no share granted nothing of his own meanwhile.
    return askShared(ask, first && hasShare(ask.terms()));
  }

  private Look askOwn(Ask ask) {
    Look look =
        own.ask(
            new Ask(
                ask.applicant(),
                ask.ticket(),
                ask.waited(),
                ask.patience(),
                ask.chance(),
                false,
                share(ask.terms())));
    if (look instanceof Look.Granted) {
      ownTickets.add(ask.ticket());
    }
    return look;
  }

  /** Whoever has the patience waits; the others come back soon. */
  private static Look hold(Ask ask, long nanos) {
    return ask.patience().isZero()
        ? new Look.ComeBack(Duration.ofSeconds(1 + (ask.chance() < 0.5 ? 0 : 1)), false)
        : new Look.Wait(Duration.ofNanos(Math.min(nanos, PAUSE.toNanos())));
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
  public void unused(String ticket) {
    if (ownTickets.remove(ticket)) {
      own.unused(ticket);
    } else {
      shared.unused(ticket);
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
  public Optional<Standing> standing(BudgetTerms terms) {
    return switch (phase(terms)) {
      case Phase.Shared() -> shared.standing(terms);
      case Phase.Alone alone -> !hasShare(terms) ? Optional.empty() : own.standing(share(terms));
      case Phase.Returning() -> own.standing(share(terms));
    };
  }
}
