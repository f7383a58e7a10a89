package tokenvending.issuing;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Repeats a call that had no effect because the service was unavailable: at most twice, after a
 * random pause, and within the deadline. If no further call can be made, the latest result is
 * returned.
 */
public final class RetryingCall<K> implements UpstreamCall<K> {
  private static final int RETRIES = 2;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

  private final UpstreamCall<K> call;
  private final RandomGenerator random;

  public RetryingCall(UpstreamCall<K> call, RandomGenerator random) {
    this.call = call;
    this.random = random;
  }

  @Override
  public UpstreamResult call(UpstreamRequest<K> request) {
    UpstreamResult result = call.call(request);
    for (int retry = 0; retry < RETRIES && mayRepeat(result, retry, request); retry++) {
      UpstreamResult next = call.call(request.again());
      if (!next.isMade()) {
        return result;
      }
      result = next;
    }
    return result;
  }

  private boolean mayRepeat(UpstreamResult result, int retry, UpstreamRequest<K> request) {
    return result.kind() == UpstreamResult.Kind.RETRYABLE && pause(retry, request.deadline());
  }

  /** Waits before the next call; returns false if the deadline leaves no time for one. */
  private boolean pause(int retry, IssueDeadline deadline) {
    // 50 to 150 ms, then 150 to 450 ms: calls that failed together do not retry together.
    long shortest = FIRST_PAUSE.toNanos() * (retry == 0 ? 1 : 3);
    long pause = shortest + random.nextLong(2 * shortest);
    if (deadline.left().toNanos() <= pause) {
      return false;
    }
    try {
      TimeUnit.NANOSECONDS.sleep(pause);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
