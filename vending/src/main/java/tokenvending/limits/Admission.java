package tokenvending.limits;

import java.time.Duration;

/** The decision about one request. */
public sealed interface Admission {
  record Admitted() implements Admission {}

  /** Over a limit; a request after {@code retryAfter} can succeed. */
  record Throttled(Scope scope, Duration retryAfter) implements Admission {}

  /** Whose limit it is. */
  enum Scope {
    CALLER_LIMIT,
    ADDRESS_LIMIT
  }
}
