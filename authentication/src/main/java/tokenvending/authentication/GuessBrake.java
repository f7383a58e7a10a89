package tokenvending.authentication;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Slows down wrong guesses under one key (a user, or an address): ten at once, then 5, 10, 20, 40
 * and 60 seconds apart, so that no minute sees more than 13. Never locks for longer than a minute,
 * and forgets after a quarter of an hour without a wrong guess. Counts are atomic: an attempt takes
 * its place before it is judged. Thread-safe.
 *
 * <p>Holds 100,000 keys; for one more, the one that was longest untouched goes. A key stays only
 * after a wrong guess that was really judged. So pushing one's own count out takes 100,000 hashes
 * (forty minutes of two cores, longer than the count would have lasted), from at least 10,000
 * networks, since each of them is slowed down itself.
 */
final class GuessBrake<K> {
  static final int FREE = 10;
  static final int MOST_KEYS = 100_000;
  static final Duration FORGOTTEN = Duration.ofMinutes(15);

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);
  // What to say while others' attempts, not yet judged, take up what is left.
  private static final Duration WHILE_OTHERS_ARE_JUDGED = Duration.ofSeconds(1);

  private final LongSupplier nanoClock;
  private final int mostKeys;
  private final ReentrantLock lock = new ReentrantLock();
  // Guarded by the lock, in the order of last use.
  private final LinkedHashMap<K, Count> counts = new LinkedHashMap<>(16, 0.75f, true);

  GuessBrake(LongSupplier nanoClock, int mostKeys) {
    this.nanoClock = nanoClock;
    this.mostKeys = mostKeys;
  }

  /** A place among the attempts under one key, to be settled exactly once. */
  final class Place {
    private final K key;
    private final Count count;

    private Place(K key, Count count) {
      this.key = key;
      this.count = count;
    }

    void wrong() {
      lock.lock();
      try {
        count.pending--;
        count.wrong++;
        count.lastWrong = nanoClock.getAsLong();
      } finally {
        lock.unlock();
      }
    }

    /** The guess was right, or was not judged in the end. */
    void release() {
      lock.lock();
      try {
        count.pending--;
        if (count.pending == 0 && count.wrong == 0) {
          counts.remove(key, count);
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** How an attempt stands. */
  sealed interface Entry<K> {}

  record Entered<K>(GuessBrake<K>.Place place) implements Entry<K> {}

  record Held<K>(Duration retryAfter) implements Entry<K> {}

  /** How long this key still has to wait; empty if it need not. Takes no place. */
  Optional<Duration> pause(K key) {
    lock.lock();
    try {
      @Nullable Count count = counts.get(key);
      return count == null ? Optional.empty() : pauseOf(count);
    } finally {
      lock.unlock();
    }
  }

  Entry<K> enter(K key) {
    lock.lock();
    try {
      Count count = counts.computeIfAbsent(key, _ -> new Count());
      Optional<Duration> pause = pauseOf(count);
      if (pause.isPresent()) {
        return new Held<>(pause.get());
      }
      if (count.pending > 0 && count.wrong + count.pending >= FREE) {
        return new Held<>(WHILE_OTHERS_ARE_JUDGED);
      }
      count.pending++;
      if (counts.size() > mostKeys) {
        counts.pollFirstEntry();
      }
      return new Entered<>(new Place(key, count));
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return counts.size();
    } finally {
      lock.unlock();
    }
  }

  private Optional<Duration> pauseOf(Count count) {
    Duration since = Duration.ofNanos(nanoClock.getAsLong() - count.lastWrong);
    if (count.wrong > 0 && since.compareTo(FORGOTTEN) >= 0) {
      count.wrong = 0;
    }
    if (count.wrong < FREE) {
      return Optional.empty();
    }
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(count.wrong - FREE, 4));
    if (pause.compareTo(LONGEST_PAUSE) > 0) {
      pause = LONGEST_PAUSE;
    }
    Duration left = pause.minus(since);
    return left.isPositive() ? Optional.of(left) : Optional.empty();
  }

  /** Guarded by the lock. */
  private static final class Count {
    private int wrong;
    private int pending;
    private long lastWrong;
  }
}
