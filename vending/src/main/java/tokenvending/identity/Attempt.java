package tokenvending.identity;

import java.time.Instant;

/**
 * One request for a token: its id in responses and audit events, its origin and its time of
 * arrival.
 */
public record Attempt(String requestId, ClientAddress from, Instant at) {}
