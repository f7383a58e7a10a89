package tokenvending.infrastructure;

import java.time.Duration;
import tokenvending.configuration.AwsOptions;
import tokenvending.configuration.Configuration;
import tokenvending.limits.Rate;
import tokenvending.policy.Reuse;

/**
 * The request rate that the stage allows for each HTTP method, shared by all clients.
 *
 * @param rate requests per second
 * @param burst requests at once
 */
record StageThrottle(int rate, int burst) {
  /** Requests for each token of the budget: retries, other callers, rejections. */
  private static final int PER_TOKEN = 10;

  /** The same with token reuse, which does not use the budget. */
  private static final int PER_TOKEN_WITH_REUSE = 40;

  /** How many addresses can use their whole limit at the same time. */
  private static final int ADDRESSES = 20;

  private static final int LOWEST = 50;

  /** A tenth of an account's default for all its APIs. */
  private static final int HIGHEST = 1_000;

  static StageThrottle of(Configuration configuration) {
    if (configuration.aws().throttle().isPresent()) {
      AwsOptions.Throttle written = configuration.aws().throttle().get();
      return new StageThrottle(written.rate(), written.burst());
    }
    boolean reuse =
        configuration.policyDocument().rules().stream()
            .anyMatch(rule -> rule.reuse() != Reuse.NEVER);
    double tokens = perSecond(configuration.momento().budget());
    double forTokens = tokens * (reuse ? PER_TOKEN_WITH_REUSE : PER_TOKEN);
    double forAddresses =
        ADDRESSES * configuration.limits().perAddress().map(StageThrottle::perSecond).orElse(0.0);
    int rate = Math.clamp((long) Math.ceil(Math.max(forTokens, forAddresses)), LOWEST, HIGHEST);
    return new StageThrottle(rate, rate * waited(configuration.momento().maxWait()));
  }

  /**
   * Returns the length of a burst in seconds: requests that arrive while others wait for a queue
   * position get the function's own response.
   */
  private static int waited(Duration maxWait) {
    return (int) Math.max(2, Math.ceilDiv(maxWait.toMillis(), 1_000));
  }

  private static double perSecond(Rate rate) {
    return (double) rate.count() / rate.per().toSeconds();
  }
}
