package tokenvending.configuration;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tokenvending.permission.Permission;
import tokenvending.policy.Reuse;

/**
 * A policy case: a caller, a request and the expected decision.
 *
 * @param as the caller's claims, including {@code sub} and {@code groups}; empty for an anonymous
 *     caller
 * @param ask the parameters of the request
 */
public record PolicyCase(
    String name,
    Map<String, List<String>> as,
    Map<String, String> ask,
    List<Permission> permissions,
    Optional<Duration> ttl,
    Expected expected) {
  public PolicyCase {
    as = new LinkedHashMap<>(as);
    ask = new LinkedHashMap<>(ask);
    permissions = List.copyOf(permissions);
  }

  /** The expected decision. */
  public sealed interface Expected {
    /** A token is granted; absent fields are not compared. */
    record Granted(
        Optional<String> rule,
        Optional<List<Permission>> permissions,
        Optional<Duration> ttl,
        Optional<String> tokenId,
        Optional<Reuse> reuse)
        implements Expected {
      /** The value for a token without an id. */
      public static final String NO_TOKEN_ID = "none";
    }

    /**
     * The request is rejected.
     *
     * @param reason {@code any}, {@code malformed-request}, {@code unauthenticated}, or the reason
     *     of a denial in lower case
     */
    record Refused(String reason) implements Expected {}
  }
}
