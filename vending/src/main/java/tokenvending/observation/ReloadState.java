package tokenvending.observation;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * The result of the latest reload of one input, and the time of the last successful one.
 * Thread-safe.
 */
public final class ReloadState {
  private final Input input;
  private final InstantSource clock;
  private Optional<Instant> lastSuccess = Optional.empty();
  private Optional<String> problem = Optional.empty();

  /** Starts without a reload, which does not count as a failure. */
  public ReloadState(Input input, InstantSource clock) {
    this.input = input;
    this.clock = clock;
  }

  /**
   * Records that the input was read and is in use.
   *
   * @return whether the previous reload failed
   */
  public synchronized boolean succeeded() {
    boolean recovered = problem.isPresent();
    lastSuccess = Optional.of(clock.instant());
    problem = Optional.empty();
    return recovered;
  }

  /**
   * Records that the input cannot be used; the previous input stays in use.
   *
   * @param why a sentence for the operator, without any part of a secret
   * @return whether this differs from the previous result
   */
  public synchronized boolean failed(String why) {
    boolean news = !problem.equals(Optional.of(why));
    problem = Optional.of(why);
    return news;
  }

  /** Returns the current state. */
  public synchronized Reload now() {
    return new Reload(input, lastSuccess, problem);
  }

  /**
   * The state at one moment.
   *
   * @param lastSuccess when the input was last read successfully; absent if it never was
   * @param problem why the latest reload failed; absent if it did not
   */
  public record Reload(Input input, Optional<Instant> lastSuccess, Optional<String> problem) {}
}
