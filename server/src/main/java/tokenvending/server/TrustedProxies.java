package tokenvending.server;

import java.net.InetAddress;
import java.util.List;
import java.util.function.Predicate;
import tokenvending.configuration.AddressRange;

/**
 * The proxies whose {@code X-Forwarded-For} and {@code Forwarded} are trusted, as {@code
 * limits.trusted-proxies} names them now: a changed file holds from the next request on, on open
 * connections too. Thread-safe.
 */
final class TrustedProxies implements Predicate<InetAddress> {
  private volatile List<AddressRange> ranges;

  TrustedProxies(List<AddressRange> ranges) {
    this.ranges = List.copyOf(ranges);
  }

  /** Trusts these from now on, and no others. */
  void use(List<AddressRange> changed) {
    ranges = List.copyOf(changed);
  }

  @Override
  public boolean test(InetAddress address) {
    return ranges.stream().anyMatch(range -> range.contains(address));
  }
}
