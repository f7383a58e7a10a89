package tokenvending.request;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import tokenvending.permission.PermissionSet;

/**
 * What a caller requests. It can narrow what the policy grants, never widen it.
 *
 * @param parameters declared parameters, by name
 * @param narrower the requested permissions; absent for all that are granted
 * @param ttl a shorter lifetime than granted; see {@link #isTtl}
 */
public record VendRequest(
    Map<String, String> parameters, Optional<PermissionSet> narrower, Optional<Duration> ttl) {
  public VendRequest {
    parameters = Map.copyOf(parameters);
    if (ttl.filter(asked -> !isTtl(asked)).isPresent()) {
      throw new IllegalArgumentException("a life is a whole number of seconds, at least one");
    }
  }

  /** Whether a lifetime can be requested: whole seconds, at least one. */
  public static boolean isTtl(Duration asked) {
    return asked.getSeconds() >= 1 && asked.getNano() == 0;
  }

  /** A request for everything that the policy grants. */
  public static VendRequest of(Map<String, String> parameters) {
    return new VendRequest(parameters, Optional.empty(), Optional.empty());
  }
}
