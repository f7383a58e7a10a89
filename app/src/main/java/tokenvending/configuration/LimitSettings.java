package tokenvending.configuration;

import java.util.List;
import java.util.Optional;
import tokenvending.limits.Rate;

/**
 * {@code limits}.
 *
 * @param trustedProxies whose {@code X-Forwarded-For} and {@code Forwarded} are trusted
 */
public record LimitSettings(
    Optional<Rate> perCaller, Optional<Rate> perAddress, List<AddressRange> trustedProxies) {
  static final LimitSettings NONE =
      new LimitSettings(Optional.empty(), Optional.empty(), List.of());

  public LimitSettings {
    trustedProxies = List.copyOf(trustedProxies);
  }
}
