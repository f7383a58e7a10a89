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
 * An outage that ends within the idle period, such as one late answer, costs only waiting: nothing
 * was granted apart from the shared line, and every caller keeps the rank of their arrival.
 */
public final class FallbackLine implements BudgetLine {
  /** While it is away, one step in this time goes to the shared line; the first ones sooner. */
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

  /** Without a share, callers wait for so long before the line is away for them. */
  private static final Duration BLINK = Duration.ofMillis(400);

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

    /**
     * The shared line is away.
     *
     * @param owesClosing whether it was not told of an earlier absence yet
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

    /** The shared line is back, and own calls are ending. */
    record Returning(boolean mustClose) implements Phase {}
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
      case Phase.Returning returning -> askReturning(ask, returning.mustClose());
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
                  ? new Phase.Returning(mustClose(alone, terms))
                  : alone.probedAt(nanoTime.getAsLong());
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
      case Look.Away() -> askAlone(goAlone(ask.terms(), afterAbsence), ask);
      case Look.Granted granted -> granted;
      case Look.Wait wait -> wait;
      case Look.ComeBack comeBack -> comeBack;
    };
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
    observer.stateChanged(StateHealth.AWAY);
    return alone;
  }

  private Look askAlone(Phase.Alone alone, Ask ask) {
    if (!hasShare(ask.terms())) {
      long left = BLINK.toNanos() - (nanoTime.getAsLong() - alone.since());
      return left > 0 && ask.patience().isPositive() ? hold(ask, left) : new Look.Away();
    }
    long idle = alone.idleUntil() - nanoTime.getAsLong();
    return idle > 0 ? hold(ask, idle) : askOwn(ask);
  }

  /**
   * Whether another instance can have begun to grant from its share meanwhile. Where the line
   * notices outages by itself, all have noticed this one at about the same time.
   */
  private boolean mustClose(Phase.Alone alone, BudgetTerms terms) {
    long harmless = terms.window().plus(HARMLESS).toNanos();
    return hasShare(terms)
        && (alone.owesClosing()
            || !shared.noticesOutages()
            || nanoTime.getAsLong() - alone.since() > harmless);
  }

  private Look askReturning(Ask ask, boolean mustClose) {
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
    return askShared(ask, first && mustClose);
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
  public Duration longestStep() {
    return shared.longestStep();
  }

  @Override
  public boolean noticesOutages() {
    return shared.noticesOutages();
  }

  @Override
  public Optional<Standing> standing(BudgetTerms terms) {
    return switch (phase(terms)) {
      case Phase.Shared() -> shared.standing(terms);
      case Phase.Alone alone -> !hasShare(terms) ? Optional.empty() : own.standing(share(terms));
      case Phase.Returning returning -> own.standing(share(terms));
    };
  }
}
