package tokenvending.budget;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tokenvending.observation.QueueStatus;

/**
 * The budget queue of one process. It holds at most {@link #MOST_POSITIONS} positions of about 300
 * bytes each. A step takes time proportional to the logarithm of their number, or to the number of
 * positions between the caller and the nearer end.
 */
public final class MemoryBudgetQueue implements BudgetQueue {
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(1);

  /** Tolerance for differences between clocks. */
  private static final Duration EARLY = Duration.ofMillis(100);

  /** The time between two removals of expired positions. */
  private static final Duration SWEEP = Duration.ofMillis(200);

  /** How long all instances need to notice that an outage is over. */
  private static final Duration RETURN = Duration.ofMillis(1_500);

  /**
   * How many recent calls the estimate of a call's duration uses: more than are made while a burst
   * of callers slows them down.
   */
  private static final int CALLS = 51;

  private static final long SECOND = 1_000_000_000L;

  private final LongSupplier nanoTime;

  /** The origin of all times, so that they compare like numbers. */
  private final long origin;

  private final Map<String, Slot> taken = new HashMap<>();

  /** Tickets of taken slots by the time at which the slot is free. */
  private final TreeMap<Rank, String> takenByEnd = new TreeMap<>();

  private final TreeMap<Rank, Position> queue = new TreeMap<>();
  private final TreeMap<Rank, Position> waiting = new TreeMap<>();
  private final Map<String, Position> byTicket = new HashMap<>();
  private final Map<String, QueuedCaller> callers = new HashMap<>();

  private long arrivals;
  private long sweptAt;
  private long closedUntil;
  private final long[] lastCalls = new long[CALLS];
  private int nextCall;
  private long usualCall;
  private int reducedTo;
  private long reducedAt = Long.MIN_VALUE;

  /** Starts with every slot free. */
  public MemoryBudgetQueue(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.origin = nanoTime.getAsLong();
  }

  /** The order of the queue: by time, then by arrival. */
  private record Rank(long time, long arrival) implements Comparable<Rank> {
    @Override
    public int compareTo(Rank other) {
      int byTime = Long.compare(time, other.time);
      return byTime != 0 ? byTime : Long.compare(arrival, other.arrival);
    }
  }

  private static final class Slot {
    private final long takenAt;
    private Rank end;
    private boolean answered;

    Slot(long takenAt, Rank end) {
      this.takenAt = takenAt;
      this.end = end;
    }
  }

  private static final class Position {
    private final Rank rank;
    private final QueuedCaller queuedCaller;
    private @Nullable String ticket;

    /**
     * While waiting: when the caller is assumed to be gone. Otherwise: when the position is
     * dropped.
     */
    private long until;

    /** The {@code Retry-After} time of a rejected caller. */
    private long expectedAt;

    Position(Rank rank, QueuedCaller queuedCaller) {
      this.rank = rank;
      this.queuedCaller = queuedCaller;
    }
  }

  /** A caller, or one of its wider networks, that has or recently had positions in the queue. */
  private static final class QueuedCaller {
    private final TreeMap<Rank, Position> absent = new TreeMap<>();
    private final List<QueuedCaller> wider = new ArrayList<>(2);
    private boolean known;
    private long lastRank;
    private int positions;

    /** Returns the rank of one more position. */
    long next(long arrivedAt, long now, long spacing) {
      // A slot granted ahead of its rank, while no other caller waited, does not count.
      lastRank =
          known
              ? Math.max(arrivedAt, Math.min(lastRank, now + spacing * positions) + spacing)
              : arrivedAt;
      known = true;
      positions++;
      return lastRank;
    }

    void oneLess() {
      positions--;
      wider.forEach(network -> network.positions--);
    }
  }

  @Override
  public synchronized Poll poll(AcquireRequest request) {
    long now = now();
    sweep(now);
    if (request.afterOutage()) {
      closedUntil =
          Math.max(closedUntil, now + request.terms().window().toNanos() + RETURN.toNanos());
    }
    Position position = byTicket.get(request.ticket());
    Slot granted = taken.get(request.ticket());
    if (granted != null && !granted.answered && now >= closedUntil) {
      if (position != null) {
        remove(position);
      }
      take(request, now);
      return new Poll.Granted();
    }
    if (position == null) {
      position = positionFor(request, now);
    }
    if (position == null) {
      return withoutPosition(request, now);
    }
    boolean waits = waiting.containsKey(position.rank);
    int ahead = waitingBefore(position.rank, now);
    if (ahead < free(request.terms(), now)) {
      remove(position);
      take(request, now);
      return new Poll.Granted();
    }
    long timeout = request.timeout().toNanos();
    long slotAt = slotAt(position(position.rank), request.terms(), now);
    boolean stays =
        timeout > 0
            && (waits || slotAt - now <= timeout || waiting.size() < slots(request.terms(), now));
    return stays ? wait(position, request, ahead, now) : reject(position, request, slotAt, now);
  }

  private Poll wait(Position position, AcquireRequest request, int ahead, long now) {
    // Only waiting callers count: rejected ones are skipped.
    long pause = slotAt(ahead, request.terms(), now) - now;
    pause = Math.clamp(pause, SHORTEST_PAUSE.toNanos(), LONGEST_PAUSE.toNanos());
    position.queuedCaller.absent.remove(position.rank);
    position.ticket = request.ticket();
    position.until = now + pause + SILENCE.toNanos();
    waiting.put(position.rank, position);
    byTicket.put(request.ticket(), position);
    return new Poll.Wait(Duration.ofNanos(pause));
  }

  private Poll reject(Position position, AcquireRequest request, long slotAt, long now) {
    Duration after = request.retryAfter(Duration.ofNanos(slotAt - now));
    putAside(position, now + after.toNanos());
    return new Poll.Rejected(after, true);
  }

  /**
   * Handles a caller for whom no position is left: it gets a slot only if no waiting caller needs
   * it.
   */
  private Poll withoutPosition(AcquireRequest request, long now) {
    if (waiting.isEmpty() && free(request.terms(), now) > 0) {
      take(request, now);
      return new Poll.Granted();
    }
    long wait = slotAt(queue.size(), request.terms(), now) - now;
    return new Poll.Rejected(request.retryAfterWithoutPosition(Duration.ofNanos(wait)), false);
  }

  private void take(AcquireRequest request, long now) {
    BudgetTerms terms = request.terms();
    long end = now + terms.longestCall().toNanos() + terms.window().toNanos();
    Slot slot = new Slot(now, new Rank(end, arrivals++));
    forgetEnd(taken.put(request.ticket(), slot));
    takenByEnd.put(slot.end, request.ticket());
  }

  private void forgetEnd(@Nullable Slot slot) {
    if (slot != null) {
      takenByEnd.remove(slot.end);
    }
  }

  private void releaseEnded(long now) {
    while (!takenByEnd.isEmpty() && takenByEnd.firstKey().time() <= now) {
      taken.remove(takenByEnd.pollFirstEntry().getValue());
    }
  }

  /** Returns the existing position or a new one; null if there is no room. */
  private @Nullable Position positionFor(AcquireRequest request, long now) {
    QueuedCaller known = callers.get(request.caller().key());
    if (known != null) {
      for (Position kept : known.absent.values()) {
        // A request from a shared network before the Retry-After time is another caller's.
        if (!request.caller().shared() || kept.expectedAt - now <= EARLY.toNanos()) {
          return kept;
        }
      }
    }
    int most = request.caller().shared() ? MOST_POSITIONS_OF_A_NETWORK : MOST_POSITIONS_OF_A_CALLER;
    if (queue.size() >= MOST_POSITIONS || (known != null && known.positions >= most)) {
      return null;
    }
    for (BudgetCaller.Wider wider : request.caller().wider()) {
      QueuedCaller network = callers.get(wider.key());
      if (network != null
          && network.positions >= wider.positions(MOST_POSITIONS_OF_A_NETWORK, MOST_POSITIONS)) {
        return null;
      }
    }
    long arrivedAt = now - request.waited().toNanos();
    QueuedCaller queuedCaller =
        callers.computeIfAbsent(request.caller().key(), key -> new QueuedCaller());
    long time = queuedCaller.next(arrivedAt, now, SPACING.toNanos());
    queuedCaller.wider.clear();
    for (BudgetCaller.Wider wider : request.caller().wider()) {
      QueuedCaller network = callers.computeIfAbsent(wider.key(), key -> new QueuedCaller());
      queuedCaller.wider.add(network);
      time = Math.max(time, network.next(arrivedAt, now, SPACING.toNanos() / wider.share()));
    }
    Position position = new Position(new Rank(time, arrivals++), queuedCaller);
    queue.put(position.rank, position);
    return position;
  }

  private void remove(Position position) {
    queue.remove(position.rank);
    waiting.remove(position.rank);
    position.queuedCaller.absent.remove(position.rank);
    position.queuedCaller.oneLess();
    if (position.ticket != null) {
      byTicket.remove(position.ticket);
    }
  }

  private void putAside(Position position, long expectedAt) {
    waiting.remove(position.rank);
    if (position.ticket != null) {
      byTicket.remove(position.ticket);
      position.ticket = null;
    }
    position.expectedAt = expectedAt;
    position.until = expectedAt + GRACE.toNanos();
    position.queuedCaller.absent.put(position.rank, position);
  }

  @Override
  public synchronized void answered(String ticket, Answer answer, BudgetTerms terms) {
    long now = now();
    Slot slot = taken.get(ticket);
    if (slot != null && !slot.answered) {
      slot.answered = true;
      forgetEnd(slot);
      slot.end = new Rank(now + terms.window().toNanos(), arrivals++);
      takenByEnd.put(slot.end, ticket);
      took(now - slot.takenAt);
    }
    if (answer == Answer.RATE_LIMITED) {
      int before = slots(terms, now);
      // Concurrent calls are rejected together, which counts once.
      if (reducedAt == Long.MIN_VALUE || now - reducedAt >= SECOND) {
        reducedTo = Math.max(1, before / 2);
        reducedAt = now;
      }
    }
  }

  /**
   * Records a call's duration. The estimate is the quickest quarter, and at the start it assumes
   * quick calls, because the first calls are slow. A {@code Retry-After} that is too late leaves
   * slots empty; one that is too early costs one more request.
   */
  private void took(long nanos) {
    lastCalls[nextCall] = nanos;
    nextCall = (nextCall + 1) % CALLS;
    long[] sorted = lastCalls.clone();
    Arrays.sort(sorted);
    usualCall = sorted[CALLS / 4];
  }

  @Override
  public synchronized void release(String ticket) {
    forgetEnd(taken.remove(ticket));
  }

  @Override
  public synchronized void leave(String ticket) {
    Position position = byTicket.get(ticket);
    if (position != null) {
      remove(position);
    }
  }

  @Override
  public synchronized Optional<QueueStatus> status(BudgetTerms terms) {
    long now = now();
    sweep(now);
    return Optional.of(
        new QueueStatus(
            slots(terms, now),
            free(terms, now),
            waiting.size(),
            queue.size(),
            Duration.ofNanos(slotAt(queue.size(), terms, now) - now)));
  }

  /** Whether a slot is taken, or was until less than a period ago. */
  synchronized boolean isBusy() {
    long now = now();
    releaseEnded(now);
    return !taken.isEmpty();
  }

  /**
   * Returns the number of slots: all, or after a rejection by Momento fewer and one more each
   * period.
   */
  private int slots(BudgetTerms terms, long now) {
    if (reducedAt == Long.MIN_VALUE) {
      return terms.slots();
    }
    long more = (now - reducedAt) / Math.max(SECOND, terms.window().toNanos());
    return (int) Math.min(terms.slots(), reducedTo + more);
  }

  private int free(BudgetTerms terms, long now) {
    if (now < closedUntil) {
      return 0;
    }
    releaseEnded(now);
    return Math.max(0, slots(terms, now) - taken.size());
  }

  /** Estimates when a caller with this many positions before it gets a slot. */
  private long slotAt(int before, BudgetTerms terms, long now) {
    long earliest = Math.max(now, closedUntil);
    int slots = slots(terms, now);
    if (before < slots - taken.size()) {
      return earliest;
    }
    long[] freeAt = new long[Math.max(slots, taken.size())];
    Arrays.fill(freeAt, earliest);
    int i = 0;
    for (Slot slot : taken.values()) {
      long expected =
          slot.answered
              ? slot.end.time()
              : Math.max(now, slot.takenAt + usualCall) + terms.window().toNanos();
      freeAt[i++] = Math.max(earliest, expected);
    }
    Arrays.sort(freeAt);
    // After a reduction, the slots that are free first are not granted again.
    int surplus = freeAt.length - slots;
    long cycle = terms.window().toNanos() + usualCall;
    return freeAt[surplus + before % slots] + before / slots * cycle;
  }

  /** Counts the positions before this rank, from the nearer end. */
  private int position(Rank rank) {
    Iterator<Rank> before = queue.headMap(rank).keySet().iterator();
    Iterator<Rank> after = queue.tailMap(rank).keySet().iterator();
    int steps = 0;
    while (true) {
      if (!before.hasNext()) {
        return steps;
      }
      if (!after.hasNext()) {
        return queue.size() - steps;
      }
      before.next();
      after.next();
      steps++;
    }
  }

  private int waitingBefore(Rank rank, long now) {
    int count = 0;
    for (Iterator<Position> all = waiting.headMap(rank).values().iterator(); all.hasNext(); ) {
      Position position = all.next();
      if (position.until < now) {
        // Its process ended or is suspended; the caller can return through another one.
        all.remove();
        putAside(position, now);
      } else {
        count++;
      }
    }
    return count;
  }

  /** Removes callers that did not come back. */
  private void sweep(long now) {
    if (now - sweptAt < SWEEP.toNanos()) {
      return;
    }
    sweptAt = now;
    for (Iterator<Position> all = queue.values().iterator(); all.hasNext(); ) {
      Position position = all.next();
      if (position.until >= now) {
        continue;
      }
      if (position.ticket != null) {
        putAside(position, now);
      } else {
        all.remove();
        position.queuedCaller.absent.remove(position.rank);
        position.queuedCaller.oneLess();
      }
    }
    callers
        .values()
        .removeIf(
            queuedCaller ->
                queuedCaller.positions == 0 && queuedCaller.lastRank + SPACING.toNanos() < now);
  }

  private long now() {
    return nanoTime.getAsLong() - origin;
  }
}
