package tokenvending.configuration;

import java.util.List;
import java.util.Optional;
import tokenvending.identity.AddressRange;
import tokenvending.limits.Rate;
import tokenvending.limits.RejectionLimits;

/**
 * {@code limits}.
 *
 * @param rejectionsPerAddress how many rejected requests one client address can cause
 * @param connectionsPerAddress the most concurrent connections of one client address
 * @param trustedProxies the proxies whose {@code X-Forwarded-For} and {@code Forwarded} are trusted
 */
public record LimitSettings(
    Optional<Rate> perCaller,
    Optional<Rate> perAddress,
    Rate rejectionsPerAddress,
    int connectionsPerAddress,
    List<AddressRange> trustedProxies) {
  /** A tenth of the server's total. */
  static final int CONNECTIONS_PER_ADDRESS = 200;

  static final LimitSettings NONE =
      new LimitSettings(
          Optional.empty(),
          Optional.empty(),
          RejectionLimits.DEFAULT,
          CONNECTIONS_PER_ADDRESS,
          List.of());

  public LimitSettings {
    trustedProxies = List.copyOf(trustedProxies);
  }
}
