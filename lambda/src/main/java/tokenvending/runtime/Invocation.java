package tokenvending.runtime;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Optional;

/** An event that waits for its answer. */
final class Invocation {
  private final String id;
  private final Optional<String> traceId;
  private final byte[] event;

  /**
   * As the Runtime API handed it out.
   *
   * @param traceId where this stands in a trace of AWS X-Ray
   */
  Invocation(String id, Optional<String> traceId, byte[] event) {
    this.id = id;
    this.traceId = traceId;
    this.event = event;
  }

  String id() {
    return id;
  }

  Optional<String> traceId() {
    return traceId;
  }

  InputStream event() {
    return new ByteArrayInputStream(event);
  }
}
