package tokenvending.momento;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import tokenvending.issuing.IssueDeadline;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.IssueResult.Category;
import tokenvending.issuing.IssueResult.Issued;
import tokenvending.issuing.IssueResult.Unavailable;
import tokenvending.issuing.IssueResult.UpstreamFault;
import tokenvending.observation.ReloadState.Reload;
import tokenvending.reuse.TokenSeal;

/**
 * The API key in use, which can be rotated. It is read when first used, and again when it is old or
 * was rejected, by one thread at a time and at most once a second. A failed reading keeps the
 * previous key. Only the latest key is held. Thread-safe.
 */
public final class RotatingApiKey {
  private static final long SHORTEST_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

  private final ApiKeySource source;
  private final long oldAfterNanos;
  private final LongSupplier nanoTime;
  private final ReentrantLock reading = new ReentrantLock();
  private final KeyRefusals refusals;
  private volatile State state;

  /** The current key; before the first reading, none. */
  private record State(KeyReading known, boolean everRead, long readAt) {}

  /**
   * Creates a holder without reading the key.
   *
   * @param oldAfter how long a key is used before it is read again
   * @param nanoTime a monotonic clock, such as {@link System#nanoTime}
   */
  public RotatingApiKey(ApiKeySource source, Duration oldAfter, LongSupplier nanoTime) {
    this.source = source;
    this.oldAfterNanos = oldAfter.toNanos();
    this.nanoTime = nanoTime;
    this.refusals = new KeyRefusals(nanoTime);
    this.state = new State(new KeyReading.Unusable("the API key has not been read yet"), false, 0);
  }

  /**
   * Returns the key to use now. If it is due to be read again, one caller reads it while the others
   * continue with the current one; without a key, all wait for the reading, at most {@code
   * timeout}.
   */
  public KeyReading current(Duration timeout) {
    State seen = state;
    return switch (seen.known()) {
      case KeyReading.Usable usable -> {
        if (nanoTime.getAsLong() - seen.readAt() >= oldAfterNanos && reading.tryLock()) {
          yield readUnlessJustRead();
        }
        yield usable;
      }
      case KeyReading.Unusable unusable -> lock(timeout) ? readUnlessJustRead() : unusable;
    };
  }

  /** Returns the key to use in place of a rejected one; the same key if there is no other. */
  KeyReading insteadOf(MomentoApiKey refused, Duration timeout) {
    if (!lock(timeout)) {
      return state.known();
    }
    if (state.known() instanceof KeyReading.Usable(MomentoApiKey key) && key != refused) {
      // Another caller was rejected as well, and has already read the key.
      reading.unlock();
      return state.known();
    }
    return readUnlessJustRead();
  }

  /** Returns the key to use now; waits for a reading at most as long as a call can take. */
  public KeyReading current() {
    return current(IssueDeadline.USUAL);
  }

  /** Returns the seal of the key in use; absent while there is none. */
  public Optional<TokenSeal> seal() {
    return current() instanceof KeyReading.Usable(MomentoApiKey key)
        ? Optional.of(key.seal())
        : Optional.empty();
  }

  /** Records what the result of a call shows about its key; an outage shows nothing. */
  void noteResult(MomentoApiKey used, IssueResult result) {
    switch (result) {
      case Issued issued -> refusals.accepted();
      case Unavailable unavailable -> {}
      case UpstreamFault(Category category) -> {
        switch (category) {
          case API_KEY_REJECTED -> refusals.refused(used);
          case API_KEY_NOT_PERMITTED, REQUEST_REJECTED -> refusals.accepted();
          case INVALID_RESPONSE, UNEXPECTED_STATUS -> {}
        }
      }
    }
  }

  /**
   * Returns how long Momento has rejected the key in use; zero if it accepted the latest call, if
   * another key was read since, and after a minute without a call.
   */
  public Duration refusedFor() {
    return current() instanceof KeyReading.Usable(MomentoApiKey key)
        ? refusals.lasting(key)
        : Duration.ZERO;
  }

  /** Returns the result of the latest reading; empty if the key is never read again. */
  public Optional<Reload> reload() {
    return source.reload();
  }

  private boolean lock(Duration timeout) {
    try {
      return reading.tryLock(Math.max(0, timeout.toNanos()), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Must be called with the lock held; releases it. */
  private KeyReading readUnlessJustRead() {
    try {
      State before = state;
      if (before.everRead() && nanoTime.getAsLong() - before.readAt() < SHORTEST_PAUSE_NANOS) {
        return before.known();
      }
      KeyReading found = readSource();
      state = new State(better(before.known(), found), true, nanoTime.getAsLong());
      return state.known();
    } finally {
      reading.unlock();
    }
  }

  private KeyReading readSource() {
    try {
      return source.read();
    } catch (RuntimeException e) {
      // The exception is not passed on, because it can quote the key.
      return new KeyReading.Unusable("the API key cannot be read from its source");
    }
  }

  private static KeyReading better(KeyReading before, KeyReading found) {
    if (before instanceof KeyReading.Usable(MomentoApiKey old)) {
      return found instanceof KeyReading.Usable(MomentoApiKey key) && !key.isSameAs(old)
          ? found
          : before;
    }
    return found;
  }
}
