package tokenvending.issuing;

import java.util.Map;

/**
 * How one {@link UpstreamCall} ended.
 *
 * @param details what the operations log says of a failure; nothing that a server or a library
 *     wrote
 */
public record UpstreamResult(IssueResult result, Kind kind, Map<String, String> details) {
  public UpstreamResult {
    details = Map.copyOf(details);
  }

  /** Whether there was a call. */
  public enum Kind {
    /** Nothing was sent. */
    NOT_MADE,
    /** It was made, and its result stands. */
    MADE,
    /** It was made and did nothing, so it can be made again. */
    RETRYABLE
  }

  /** Nothing was sent, for a reason that is no fault. */
  public static UpstreamResult notMade(IssueResult result) {
    return new UpstreamResult(result, Kind.NOT_MADE, Map.of());
  }

  public boolean isMade() {
    return kind != Kind.NOT_MADE;
  }
}
