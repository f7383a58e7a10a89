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

/**
 * The line of one process. Holds at most {@link #PLACES} places of about 300 bytes each; a step
 * takes time that grows with the logarithm of their number, or with the places nearer to one end
 * than the asker.
 */
public final class MemoryLine implements BudgetLine {
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(1);

  /** Clocks differ. */
  private static final Duration EARLY = Duration.ofMillis(100);

  /** Looks at all places are this far apart. */
  private static final Duration SWEEP = Duration.ofMillis(200);

  /** After an absence: time for all peers to notice that the line is back, too. */
  private static final Duration RETURN = Duration.ofMillis(1_500);

  /** Where in the last part of {@code maxWait} before his turn somebody is told to come back. */
  private static final double EARLIEST = 0.9;

  private static final double LATEST = 0.15;

  /**
   * So many calls are looked at to say how long one takes: more than are made while a crowd arrives
   * and slows them down.
   */
  private static final int CALLS = 51;

  private static final long SECOND = 1_000_000_000L;

  private final LongSupplier nanoTime;

  /** All times are relative to this one, so that they compare like numbers. */
  private final long origin;

  private final Map<String, Slot> taken = new HashMap<>();

  /** Their tickets by when they are free: a look for those takes no longer the more there are. */
  private final TreeMap<Rank, String> takenByEnd = new TreeMap<>();

  private final TreeMap<Rank, Place> line = new TreeMap<>();
  private final TreeMap<Rank, Place> present = new TreeMap<>();
  private final Map<String, Place> byTicket = new HashMap<>();
  private final Map<String, Standee> standees = new HashMap<>();

  private long arrivals;
  private long sweptAt;
  private long closedUntil;
  private final long[] lastCalls = new long[CALLS];
  private int nextCall;
  private long usualCall;
  private int reducedTo;
  private long reducedAt = Long.MIN_VALUE;

  /** Starts with every slot free. */
  public MemoryLine(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.origin = nanoTime.getAsLong();
  }

  /** Who is first: by time, then by arrival. */
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

  private static final class Place {
    private final Rank rank;
    private final Standee standee;
    private @Nullable String ticket;

    /** When present: until when he is taken to be here. When not: until when his place is kept. */
    private long until;

    /** When not present: the time he was told. */
    private long expectedAt;

    Place(Rank rank, Standee standee) {
      this.rank = rank;
      this.standee = standee;
    }
  }

  /** An applicant, or a wider network of one, with places in the queue now or until just now. */
  private static final class Standee {
    private final TreeMap<Rank, Place> absent = new TreeMap<>();
    private final List<Standee> wider = new ArrayList<>(2);
    private boolean known;
    private long lastRank;
    private int places;

    /** The rank for one more place. */
    long next(long came, long now, long turn) {
      // What was given out of turn, while no other caller wanted it, does not count.
      lastRank = known ? Math.max(came, Math.min(lastRank, now + turn * places) + turn) : came;
      known = true;
      places++;
      return lastRank;
    }

    void oneLess() {
      places--;
      wider.forEach(group -> group.places--);
    }
  }

  @Override
  public synchronized Look ask(Ask ask) {
    long now = now();
    sweep(now);
    if (ask.afterAbsence()) {
      closedUntil = Math.max(closedUntil, now + ask.terms().window().toNanos() + RETURN.toNanos());
    }
    Place place = byTicket.get(ask.ticket());
    if (place == null) {
      place = placeFor(ask, now);
    }
    if (place == null) {
      return withoutPlace(ask, now);
    }
    boolean waits = present.containsKey(place.rank);
    int ahead = presentBefore(place.rank, now);
    if (ahead < free(ask.terms(), now)) {
      remove(place);
      take(ask, now);
      return new Look.Granted();
    }
    long patience = ask.patience().toNanos();
    long turn = turn(position(place.rank), ask.terms(), now);
    boolean stays =
        patience > 0
            && (waits || turn - now <= patience || present.size() < slots(ask.terms(), now));
    return stays ? wait(place, ask, ahead, now) : sendAway(place, ask, turn, now);
  }

  private Look wait(Place place, Ask ask, int ahead, long now) {
    // By those present only: the others are passed over.
    long pause = turn(ahead, ask.terms(), now) - now;
    pause = Math.clamp(pause, SHORTEST_PAUSE.toNanos(), LONGEST_PAUSE.toNanos());
    place.standee.absent.remove(place.rank);
    place.ticket = ask.ticket();
    place.until = now + pause + SILENCE.toNanos();
    present.put(place.rank, place);
    byTicket.put(ask.ticket(), place);
    return new Look.Wait(Duration.ofNanos(pause));
  }

  private Look sendAway(Place place, Ask ask, long turn, long now) {
    Duration after = comeBackAfter(turn - now, ask);
    putAside(place, now + after.toNanos());
    return new Look.ComeBack(after, true);
  }

  /** For somebody who finds all places taken: only a slot that nobody present wants. */
  private Look withoutPlace(Ask ask, long now) {
    if (present.isEmpty() && free(ask.terms(), now) > 0) {
      take(ask, now);
      return new Look.Granted();
    }
    long wait = turn(line.size(), ask.terms(), now) - now;
    return new Look.ComeBack(comeBackAfter(wait + (long) (wait * ask.chance() / 2), ask), false);
  }

  private void take(Ask ask, long now) {
    BudgetTerms terms = ask.terms();
    long end = now + terms.longestCall().toNanos() + terms.window().toNanos();
    Slot slot = new Slot(now, new Rank(end, arrivals++));
    release(taken.put(ask.ticket(), slot));
    takenByEnd.put(slot.end, ask.ticket());
  }

  private void release(@Nullable Slot slot) {
    if (slot != null) {
      takenByEnd.remove(slot.end);
    }
  }

  private void releaseEnded(long now) {
    while (!takenByEnd.isEmpty() && takenByEnd.firstKey().time() <= now) {
      taken.remove(takenByEnd.pollFirstEntry().getValue());
    }
  }

  /** His kept place, or a new one; null where there is no room for one. */
  private @Nullable Place placeFor(Ask ask, long now) {
    Standee known = standees.get(ask.applicant().key());
    if (known != null) {
      for (Place kept : known.absent.values()) {
        // Somebody from a crowd who comes before the time that was told is somebody else.
        if (!ask.applicant().crowd() || kept.expectedAt - now <= EARLY.toNanos()) {
          return kept;
        }
      }
    }
    int most = ask.applicant().crowd() ? PLACES_OF_A_CROWD : PLACES_OF_A_CALLER;
    if (line.size() >= PLACES || (known != null && known.places >= most)) {
      return null;
    }
    for (BudgetCaller.Wider wider : ask.applicant().wider()) {
      Standee group = standees.get(wider.key());
      if (group != null && group.places >= wider.places(PLACES_OF_A_CROWD, PLACES)) {
        return null;
      }
    }
    long came = now - ask.waited().toNanos();
    Standee standee = standees.computeIfAbsent(ask.applicant().key(), key -> new Standee());
    long time = standee.next(came, now, TURN.toNanos());
    standee.wider.clear();
    for (BudgetCaller.Wider wider : ask.applicant().wider()) {
      Standee group = standees.computeIfAbsent(wider.key(), key -> new Standee());
      standee.wider.add(group);
      time = Math.max(time, group.next(came, now, TURN.toNanos() / wider.share()));
    }
    Place place = new Place(new Rank(time, arrivals++), standee);
    line.put(place.rank, place);
    return place;
  }

  private void remove(Place place) {
    line.remove(place.rank);
    present.remove(place.rank);
    place.standee.absent.remove(place.rank);
    place.standee.oneLess();
    if (place.ticket != null) {
      byTicket.remove(place.ticket);
    }
  }

  private void putAside(Place place, long expectedAt) {
    present.remove(place.rank);
    if (place.ticket != null) {
      byTicket.remove(place.ticket);
      place.ticket = null;
    }
    place.expectedAt = expectedAt;
    place.until = expectedAt + GRACE.toNanos();
    place.standee.absent.put(place.rank, place);
  }

  @Override
  public synchronized void answered(String ticket, Answer answer, BudgetTerms terms) {
    long now = now();
    Slot slot = taken.get(ticket);
    if (slot != null && !slot.answered) {
      slot.answered = true;
      release(slot);
      slot.end = new Rank(now + terms.window().toNanos(), arrivals++);
      takenByEnd.put(slot.end, ticket);
      took(now - slot.takenAt);
    }
    if (answer == Answer.OVER_LIMIT) {
      int before = slots(terms, now);
      // Calls under way together are refused together: that counts once.
      if (reducedAt == Long.MIN_VALUE || now - reducedAt >= SECOND) {
        reducedTo = Math.max(1, before / 2);
        reducedAt = now;
      }
    }
  }

  /**
   * The usual call is as long as the quickest quarter. At the start those that were not made count
   * as quick: the first are slow, and who is told a time too late leaves slots empty; who is told
   * one too early only asks again.
   */
  private void took(long nanos) {
    lastCalls[nextCall] = nanos;
    nextCall = (nextCall + 1) % CALLS;
    long[] sorted = lastCalls.clone();
    Arrays.sort(sorted);
    usualCall = sorted[CALLS / 4];
  }

  @Override
  public synchronized void unused(String ticket) {
    release(taken.remove(ticket));
  }

  @Override
  public synchronized void leave(String ticket) {
    Place place = byTicket.get(ticket);
    if (place != null) {
      remove(place);
    }
  }

  @Override
  public synchronized Optional<Standing> standing(BudgetTerms terms) {
    long now = now();
    sweep(now);
    return Optional.of(
        new Standing(
            slots(terms, now),
            free(terms, now),
            present.size(),
            line.size(),
            Duration.ofNanos(turn(line.size(), terms, now) - now)));
  }

  /** Whether a slot is taken, or was until less than a period ago. */
  synchronized boolean isBusy() {
    long now = now();
    releaseEnded(now);
    return !taken.isEmpty();
  }

  /** How many slots there are: all, or fewer and each period one more. */
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

  /** When somebody with so many before him has his turn, as far as one can tell. */
  private long turn(int before, BudgetTerms terms, long now) {
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
    // Where slots were taken away, those that are free first are not given out again.
    int surplus = freeAt.length - slots;
    long cycle = terms.window().toNanos() + usualCall;
    return freeAt[surplus + before % slots] + before / slots * cycle;
  }

  private Duration comeBackAfter(long nanos, Ask ask) {
    double wait = nanos / (double) SECOND;
    double maxWait = ask.terms().maxWait().toNanos() / (double) SECOND;
    long earliest = (long) Math.ceil(wait - EARLIEST * maxWait);
    long latest = (long) Math.floor(wait - LATEST * maxWait);
    long seconds =
        earliest <= latest
            ? earliest + (long) (ask.chance() * (latest - earliest + 1))
            : Math.round(wait - maxWait / 2);
    return Duration.ofSeconds(Math.clamp(seconds, 1, LONGEST_ABSENCE.toSeconds()));
  }

  /** How many places are before this rank, counted from the nearer end. */
  private int position(Rank rank) {
    Iterator<Rank> before = line.headMap(rank).keySet().iterator();
    Iterator<Rank> after = line.tailMap(rank).keySet().iterator();
    int steps = 0;
    while (true) {
      if (!before.hasNext()) {
        return steps;
      }
      if (!after.hasNext()) {
        return line.size() - steps;
      }
      before.next();
      after.next();
      steps++;
    }
  }

  private int presentBefore(Rank rank, long now) {
    int count = 0;
    for (Iterator<Place> all = present.headMap(rank).values().iterator(); all.hasNext(); ) {
      Place place = all.next();
      if (place.until < now) {
        // His process died or stands still; he may come back to another one.
        all.remove();
        putAside(place, now);
      } else {
        count++;
      }
    }
    return count;
  }

  /** Forgets whoever did not come back. */
  private void sweep(long now) {
    if (now - sweptAt < SWEEP.toNanos()) {
      return;
    }
    sweptAt = now;
    for (Iterator<Place> all = line.values().iterator(); all.hasNext(); ) {
      Place place = all.next();
      if (place.until >= now) {
        continue;
      }
      if (place.ticket != null) {
        putAside(place, now);
      } else {
        all.remove();
        place.standee.absent.remove(place.rank);
        place.standee.oneLess();
      }
    }
    standees
        .values()
        .removeIf(standee -> standee.places == 0 && standee.lastRank + TURN.toNanos() < now);
  }

  private long now() {
    return nanoTime.getAsLong() - origin;
  }
}
