package tokenvending.request;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import tokenvending.permission.PermissionSet;

/**
 * What a caller requests. None of it widens what the policy grants.
 *
 * @param parameters declared ones only, by name
 * @param narrower the permissions that are requested instead of all that are granted
 * @param ttl a shorter lifetime than is granted; {@link #isTtl} is whether it can be requested
 */
public record VendRequest(
    Map<String, String> parameters, Optional<PermissionSet> narrower, Optional<Duration> ttl) {
  public VendRequest {
    parameters = Map.copyOf(parameters);
    if (ttl.filter(asked -> !isTtl(asked)).isPresent()) {
      throw new IllegalArgumentException("a life is a whole number of seconds, at least one");
    }
  }

  /** Whether a life can be asked for: whole seconds, at least one. */
  public static boolean isTtl(Duration asked) {
    return asked.getSeconds() >= 1 && asked.getNano() == 0;
  }

  /** A request for everything that the caller may have. */
  public static VendRequest of(Map<String, String> parameters) {
    return new VendRequest(parameters, Optional.empty(), Optional.empty());
  }
}
