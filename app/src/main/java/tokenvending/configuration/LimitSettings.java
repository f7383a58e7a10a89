package tokenvending.configuration;

import java.util.List;
import java.util.Optional;
import tokenvending.limits.Rate;
import tokenvending.limits.RejectionLimits;

/**
 * {@code limits}.
 *
 * @param rejectionsPerAddress how many rejected requests one client address can cause
 * @param trustedProxies whose {@code X-Forwarded-For} and {@code Forwarded} are trusted
 */
public record LimitSettings(
    Optional<Rate> perCaller,
    Optional<Rate> perAddress,
    Rate rejectionsPerAddress,
    List<AddressRange> trustedProxies) {
  static final LimitSettings NONE =
      new LimitSettings(Optional.empty(), Optional.empty(), RejectionLimits.DEFAULT, List.of());

  public LimitSettings {
    trustedProxies = List.copyOf(trustedProxies);
  }
}
