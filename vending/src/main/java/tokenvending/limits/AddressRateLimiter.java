package tokenvending.limits;

import java.time.Duration;
import java.util.function.LongSupplier;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Network;

/**
 * Limits what addresses do to one rate, in each of their networks: an address may go on when all of
 * {@link ClientAddress#networks} may. Thread-safe.
 */
public final class AddressRateLimiter {
  private final RateLimiter<Network> networks;

  /**
   * A limiter that has seen nothing.
   *
   * @param rate for one client; a wider network has {@link Network#share} times as much
   * @param capacity how many networks are held
   * @param nanoTime a clock that never steps, such as {@link System#nanoTime}
   */
  public AddressRateLimiter(Rate rate, int capacity, LongSupplier nanoTime) {
    this.networks = new RateLimiter<>(rate, capacity, nanoTime);
  }

  /** How long until the address may go on; zero when it may now. Counts nothing. */
  public synchronized Duration waitFor(ClientAddress from) {
    Duration longest = Duration.ZERO;
    for (Network network : from.networks()) {
      Duration wait = networks.waitFor(network, network.share());
      longest = wait.compareTo(longest) > 0 ? wait : longest;
    }
    return longest;
  }

  /** Counts once for the address, whether or not it may go on. */
  public synchronized void count(ClientAddress from) {
    for (Network network : from.networks()) {
      networks.count(network, network.share());
    }
  }

  /**
   * Counts once for the address, unless it is over the rate: then returns how long it must wait.
   */
  public synchronized Duration acquire(ClientAddress from) {
    Duration wait = waitFor(from);
    if (wait.isZero()) {
      count(from);
    }
    return wait;
  }

  int size() {
    return networks.size();
  }
}
