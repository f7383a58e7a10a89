package tokenvending.identity;

import java.time.Instant;
import java.util.Optional;

/**
 * One request for a token: its id in responses and audit events, its origin and its time of
 * arrival.
 *
 * @param traceId the trace that the client reports, for audit events only
 * @param exchanged whether the request is a token exchange, for audit events only
 */
public record Attempt(
    String requestId, Optional<String> traceId, ClientAddress from, Instant at, boolean exchanged) {
  /** An attempt that is no token exchange. */
  public Attempt(String requestId, Optional<String> traceId, ClientAddress from, Instant at) {
    this(requestId, traceId, from, at, false);
  }

  /** An attempt outside of a trace. */
  public Attempt(String requestId, ClientAddress from, Instant at) {
    this(requestId, Optional.empty(), from, at);
  }
}
