package tokenvending.testing;

import java.time.Instant;
import tokenvending.identity.Attempt;
import tokenvending.identity.ClientAddress;

/** Attempts to obtain a token, for tests in which their origin does not matter. */
public final class Attempts {
  /** The request id of every attempt. */
  public static final String REQUEST_ID = "request-1";

  private Attempts() {}

  /** An attempt from a documentation address (RFC 5737). */
  public static Attempt at(Instant instant) {
    return from("192.0.2.1", instant);
  }

  /** An attempt from a numeric IPv4 or IPv6 address. */
  public static Attempt from(String address, Instant instant) {
    return new Attempt(REQUEST_ID, address(address), instant);
  }

  /** Returns a numeric address; names are not resolved. */
  public static ClientAddress address(String numeric) {
    return ClientAddress.parse(numeric)
        .orElseThrow(() -> new IllegalArgumentException("not an address: " + numeric));
  }
}
