package tokenvending.request;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import tokenvending.permission.PermissionSet;

/**
 * What a caller asks for. None of it widens what he gets.
 *
 * @param parameters declared ones only, by name
 * @param narrower the permissions he wants in place of all he may have
 * @param ttl a shorter life than he may have
 */
public record VendRequest(
    Map<String, String> parameters, Optional<PermissionSet> narrower, Optional<Duration> ttl) {
  public VendRequest {
    parameters = Map.copyOf(parameters);
  }

  /** A request for everything that the caller may have. */
  public static VendRequest of(Map<String, String> parameters) {
    return new VendRequest(parameters, Optional.empty(), Optional.empty());
  }
}
