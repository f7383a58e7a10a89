package tokenvending.aws;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tokenvending.budget.BudgetTerms;

/**
 * The slots as read from the table; all times are in microseconds since 1970.
 *
 * @param version increases with each grant and each closing
 * @param writtenAt when a slot was last granted, by the clock of that instance
 * @param closedUntil nothing is granted before this time
 * @param calls the durations of the last calls in milliseconds, the earliest first
 */
record Slots(
    long version,
    long writtenAt,
    long closedUntil,
    Map<String, Slot> taken,
    Optional<Reduction> reduction,
    List<Integer> calls) {
  /** The tolerated difference between two instances' clocks; each period is longer by it. */
  static final long MARGIN = micros(Duration.ofMillis(25));

  private static final long SECOND = micros(Duration.ofSeconds(1));

  /**
   * How many recent calls the estimate of a call's duration uses: more than are made while a burst
   * of callers slows them down.
   */
  private static final int CALLS = 51;

  /** A granted slot. Before the response, {@code freeAt} assumes the longest call. */
  record Slot(long takenAt, long freeAt, boolean answered) {
    boolean isFree(long now) {
      return freeAt + MARGIN <= now;
    }
  }

  /** After a rejection by Momento there are fewer slots, and one more each period. */
  record Reduction(int to, long at) {}

  Slots {
    taken = Map.copyOf(taken);
    calls = List.copyOf(calls);
  }

  static long micros(Duration time) {
    return time.toNanos() / 1_000;
  }

  /** Returns the number of slots: all, or fewer after a rejection by Momento. */
  int count(BudgetTerms terms, long now) {
    if (reduction.isEmpty()) {
      return terms.slots();
    }
    long more = (now - reduction.get().at()) / Math.max(SECOND, micros(terms.window()));
    return (int) Math.min(terms.slots(), reduction.get().to() + more);
  }

  /**
   * Returns the reduction after a rejection by Momento at this time; empty if it is already
   * counted.
   */
  Optional<Reduction> reduced(BudgetTerms terms, long now) {
    // Concurrent calls are rejected together, which counts once.
    return reduction.isPresent() && now - reduction.get().at() < SECOND
        ? Optional.empty()
        : Optional.of(new Reduction(Math.max(1, count(terms, now) / 2), now));
  }

  /** Returns the durations of the last calls, including those that have just ended. */
  List<Integer> callsUntil(long now, BudgetTerms terms) {
    List<Integer> all = new ArrayList<>(calls);
    taken.values().stream()
        .filter(slot -> slot.answered() && slot.isFree(now))
        .sorted(Comparator.comparingLong(Slot::freeAt))
        .map(
            slot ->
                Math.clamp(
                    (slot.freeAt() - micros(terms.window()) - slot.takenAt()) / 1_000, 0, 60_000))
        .forEach(all::add);
    return all.subList(Math.max(0, all.size() - CALLS), all.size());
  }

  /**
   * Returns the usual duration of a call: the quickest quarter. Calls not yet made count as quick:
   * a Retry-After that is too late leaves slots empty, and one that is too early costs one more
   * request.
   */
  private long usualCall() {
    int quick = CALLS / 4 - (CALLS - calls.size());
    return quick < 0 ? 0 : calls.stream().sorted().skip(quick).findFirst().orElse(0) * 1_000L;
  }

  private int takenAt(long now) {
    return (int) taken.values().stream().filter(slot -> !slot.isFree(now)).count();
  }

  int free(BudgetTerms terms, long now) {
    return now < closedUntil ? 0 : Math.max(0, count(terms, now) - takenAt(now));
  }

  /** Whether this ticket holds a slot for a call that was not reported. */
  boolean isGranted(String ticket, long now) {
    Slot slot = taken.get(ticket);
    return slot != null && !slot.answered() && !slot.isFree(now) && now >= closedUntil;
  }

  /** Estimates when a caller with this many positions before it gets a slot. */
  long slotAt(int before, BudgetTerms terms, long now) {
    long earliest = Math.max(now, closedUntil);
    int slots = count(terms, now);
    int held = takenAt(now);
    if (before < slots - held) {
      return earliest;
    }
    long window = micros(terms.window());
    long usualCall = usualCall();
    long[] freeAt = new long[Math.max(slots, held)];
    Arrays.fill(freeAt, earliest);
    int i = 0;
    for (Slot slot : taken.values()) {
      if (!slot.isFree(now)) {
        long expected =
            slot.answered() ? slot.freeAt() : Math.max(now, slot.takenAt() + usualCall) + window;
        freeAt[i++] = Math.max(earliest, expected + MARGIN);
      }
    }
    Arrays.sort(freeAt);
    // After a reduction, the slots that are free first are not granted again.
    int surplus = freeAt.length - slots;
    long cycle = window + MARGIN + usualCall;
    return freeAt[surplus + before % slots] + before / slots * cycle;
  }
}
