package tokenvending.metrics;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tokenvending.observation.CallOutcome;
import tokenvending.observation.Condition;
import tokenvending.observation.Observer;

/**
 * Counts events and renders metrics in Prometheus's text format. The library is loaded with the
 * first event or with {@link #warmUp}. Thread-safe.
 *
 * <p>The number of label values is limited by the constants and the file: rules that are not in
 * force become one value.
 */
public final class Meters implements Observer, AutoCloseable {
  private final String version;
  private final ReentrantLock opening = new ReentrantLock();
  private volatile @Nullable Registry registry;
  private volatile Set<String> rules = Set.of();

  /**
   * Counts for one process.
   *
   * @param version the program's version
   */
  public Meters(String version) {
    this.version = version;
  }

  /** Loads the library, so that no request has to. */
  public void warmUp() {
    var _ = registry();
  }

  /**
   * Sets the rules in force. Counts of other rules are dropped; requests that still end by one of
   * those are counted under {@code (former)}.
   */
  public void rulesInForce(Collection<String> ids) {
    opening.lock();
    try {
      rules = Set.copyOf(ids);
      Registry open = registry;
      if (open != null) {
        open.rulesInForce(rules);
      }
    } finally {
      opening.unlock();
    }
  }

  /** Returns all counts and the current state in Prometheus's text format 0.0.4, in UTF-8. */
  public byte[] text(Condition condition) {
    return registry().text(condition);
  }

  private Registry registry() {
    Registry open = registry;
    return open == null ? open() : open;
  }

  private Registry open() {
    opening.lock();
    try {
      Registry open = registry;
      if (open == null) {
        open = new Registry(version, rules);
        registry = open;
      }
      return open;
    } finally {
      opening.unlock();
    }
  }

  @Override
  public void vendEnded(String outcome, Optional<String> rule, boolean reused) {
    registry().vendEnded(outcome, rule, reused);
  }

  @Override
  public void callEnded(CallOutcome outcome, Duration took) {
    registry().callEnded(outcome, took);
  }

  @Override
  public void waitEnded(WaitOutcome outcome, Duration waited) {
    registry().waitEnded(outcome, waited);
  }

  @Override
  public void breakerChanged(boolean open) {
    registry().breakerChanged(open);
  }

  @Override
  public void stateChanged(StateHealth health) {
    registry().stateChanged(health);
  }

  @Override
  public void close() {
    opening.lock();
    try {
      Registry open = registry;
      if (open != null) {
        open.close();
      }
    } finally {
      opening.unlock();
    }
  }
}
