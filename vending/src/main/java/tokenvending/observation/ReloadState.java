package tokenvending.observation;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** Whether the latest reading of one input succeeded, and when one did last. Thread-safe. */
public final class ReloadState {
  private final Input input;
  private final InstantSource clock;
  private Optional<Instant> lastSuccess = Optional.empty();
  private Optional<String> problem = Optional.empty();

  /** Nothing was read yet, which counts as no failure. */
  public ReloadState(Input input, InstantSource clock) {
    this.input = input;
    this.clock = clock;
  }

  /**
   * The input was read and is in use.
   *
   * @return whether the reading before this one failed
   */
  public synchronized boolean succeeded() {
    boolean recovered = problem.isPresent();
    lastSuccess = Optional.of(clock.instant());
    problem = Optional.empty();
    return recovered;
  }

  /**
   * The input cannot be used; what was read before stays in use.
   *
   * @param why a sentence for the operator, without any part of a secret
   * @return whether this differs from the reading before this one
   */
  public synchronized boolean failed(String why) {
    boolean news = !problem.equals(Optional.of(why));
    problem = Optional.of(why);
    return news;
  }

  /** The state now. */
  public synchronized Reload now() {
    return new Reload(input, lastSuccess, problem);
  }

  /**
   * The state at one moment.
   *
   * @param lastSuccess when the input was last read and usable; absent where it never was
   * @param problem why the latest reading failed; absent where it did not
   */
  public record Reload(Input input, Optional<Instant> lastSuccess, Optional<String> problem) {}
}
