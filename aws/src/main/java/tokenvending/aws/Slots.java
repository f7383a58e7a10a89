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
 * The slots as they were read; all times in microseconds since 1970.
 *
 * @param version greater with each grant and each closing
 * @param writtenAt when a slot was last granted, by the clock of the instance that did
 * @param closedUntil until when nothing is granted
 * @param calls how long the last calls took, in milliseconds, the earliest first
 */
record Slots(
    long version,
    long writtenAt,
    long closedUntil,
    Map<String, Slot> taken,
    Optional<Reduction> reduction,
    List<Integer> calls) {
  /** By so much the clocks of two instances may differ; each period is longer by it. */
  static final long MARGIN = micros(Duration.ofMillis(25));

  private static final long SECOND = micros(Duration.ofSeconds(1));

  /** How many calls are considered: more than are made while a burst of callers slows them down. */
  private static final int CALLS = 51;

  /** One that was granted; not yet answered, it is free when its call must be over. */
  record Slot(long takenAt, long freeAt, boolean answered) {
    boolean isFree(long now) {
      return freeAt + MARGIN <= now;
    }
  }

  /** After a refusal there are fewer slots, and each period one more. */
  record Reduction(int to, long at) {}

  Slots {
    taken = Map.copyOf(taken);
    calls = List.copyOf(calls);
  }

  static long micros(Duration time) {
    return time.toNanos() / 1_000;
  }

  /** How many there are: all, or fewer. */
  int count(BudgetTerms terms, long now) {
    if (reduction.isEmpty()) {
      return terms.slots();
    }
    long more = (now - reduction.get().at()) / Math.max(SECOND, micros(terms.window()));
    return (int) Math.min(terms.slots(), reduction.get().to() + more);
  }

  /** What a refusal at this time makes of them; nothing where it came with one already counted. */
  Optional<Reduction> reduced(BudgetTerms terms, long now) {
    // Calls under way together are refused together: that counts once.
    return reduction.isPresent() && now - reduction.get().at() < SECOND
        ? Optional.empty()
        : Optional.of(new Reduction(Math.max(1, count(terms, now) / 2), now));
  }

  /** The last calls with those that are over now, whose slots are taken anew. */
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
   * How long a call takes: as long as the quickest quarter. At the start those that were not made
   * count as quick: a Retry-After that is too late leaves slots empty, one that is too early costs
   * one more request.
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

  /** When a caller with so many before it gets a slot, as an estimate. */
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
    // Where slots were taken away, those that are free first are not given out again.
    int surplus = freeAt.length - slots;
    long cycle = window + MARGIN + usualCall;
    return freeAt[surplus + before % slots] + before / slots * cycle;
  }
}
