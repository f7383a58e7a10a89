package tokenvending.identity;

import java.time.Instant;

/**
 * One attempt to obtain a token: the id that answers and records carry, where it came from, and
 * when it arrived.
 */
public record Attempt(String requestId, ClientAddress from, Instant at) {}
