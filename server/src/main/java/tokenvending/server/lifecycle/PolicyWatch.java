package tokenvending.server.lifecycle;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationProblem;
import tokenvending.configuration.ConfigurationReader;
import tokenvending.configuration.ConfigurationResult;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.configuration.ConfigurationResult.Unusable;
import tokenvending.configuration.SmallFile;
import tokenvending.observation.ReloadState;

/**
 * Reloads a changed policy file. It compares the content once a second, which also finds changes
 * that file events miss, such as a volume whose links are switched. An invalid file is reported,
 * and the current policy stays in use.
 */
public final class PolicyWatch implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(PolicyWatch.class);

  private final Path file;
  private final Function<Read, List<ConfigurationProblem>> check;
  private final Consumer<Configuration> changed;
  private final ReloadState state;
  private final Semaphore wake = new Semaphore(0);
  private volatile boolean closed;
  private Optional<byte[]> seen;

  private PolicyWatch(
      Path file,
      Function<Read, List<ConfigurationProblem>> check,
      Consumer<Configuration> changed,
      ReloadState state) {
    this.state = state;
    this.file = file;
    this.check = check;
    this.changed = changed;
    this.seen = content();
  }

  /**
   * Starts to watch.
   *
   * @param check returns the problems of a valid file on this machine
   * @param changed receives the new configuration
   * @param state receives the result of each reading
   */
  public static PolicyWatch start(
      Path file,
      Function<Read, List<ConfigurationProblem>> check,
      Consumer<Configuration> changed,
      ReloadState state) {
    PolicyWatch watch = new PolicyWatch(file, check, changed, state);
    Thread.ofVirtual().name("policy-watch").start(watch::run);
    return watch;
  }

  private void run() {
    try {
      while (!closed) {
        boolean asked = wake.tryAcquire(INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        if (!closed) {
          look(asked);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Reads the file at once, and also reports that it is unchanged. */
  public void reload() {
    wake.release();
  }

  private void look(boolean asked) {
    Optional<byte[]> now = content();
    boolean same =
        now.isPresent() == seen.isPresent()
            && (now.isEmpty() || Arrays.equals(now.get(), seen.orElseThrow()));
    if (same) {
      if (asked) {
        LOG.info("the policy file was read again: no change");
      }
      return;
    }
    seen = now;
    try {
      take(ConfigurationReader.readAgain(file));
    } catch (RuntimeException | Error e) {
      // After any failure, the next change of the file must be noticed.
      var _ = state.failed("an internal error while it was applied: " + e.getClass().getName());
      LOG.atError()
          .addKeyValue("fault", e.getClass().getName())
          .log("the changed policy could not be applied; the old one stays in use");
    }
  }

  private void take(ConfigurationResult result) {
    switch (result) {
      case Unusable(List<ConfigurationProblem> problems) -> report(problems);
      case Read read -> {
        List<ConfigurationProblem> problems = check.apply(read);
        if (problems.isEmpty()) {
          changed.accept(read.configuration());
          var _ = state.succeeded();
          LOG.atInfo()
              .addKeyValue("warnings", read.warnings().size())
              .log("the changed policy is in use");
        } else {
          report(problems);
        }
      }
    }
  }

  private void report(List<ConfigurationProblem> problems) {
    var _ =
        state.failed(
            problems.stream()
                .filter(problem -> problem.severity() == ConfigurationProblem.Severity.ERROR)
                .findFirst()
                .map(ConfigurationProblem::toString)
                .orElse("the policy cannot be used"));
    for (ConfigurationProblem problem : problems) {
      if (problem.severity() == ConfigurationProblem.Severity.WARNING) {
        continue;
      }
      LOG.atError()
          .addKeyValue("problem", problem)
          .log("the changed policy cannot be used; the old one stays in use");
    }
  }

  private Optional<byte[]> content() {
    try {
      return Optional.of(SmallFile.read(file));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    closed = true;
    wake.release();
  }
}
