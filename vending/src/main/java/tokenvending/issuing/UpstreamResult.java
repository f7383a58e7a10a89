package tokenvending.issuing;

import java.util.Map;

/**
 * The result of one {@link UpstreamCall}.
 *
 * @param details fields of a failure for the operations log; never text from a server or library
 */
public record UpstreamResult(IssueResult result, Kind kind, Map<String, String> details) {
  public UpstreamResult {
    details = Map.copyOf(details);
  }

  /** Whether a call was made, and whether it can be repeated. */
  public enum Kind {
    /** Nothing was sent. */
    NOT_MADE,
    /** The call was made, and its result is final. */
    MADE,
    /** The call was made and had no effect, so it can be repeated. */
    RETRYABLE
  }

  /** Creates the result of a call that was not made, for a reason that is not a failure. */
  public static UpstreamResult notMade(IssueResult result) {
    return new UpstreamResult(result, Kind.NOT_MADE, Map.of());
  }

  public boolean isMade() {
    return kind != Kind.NOT_MADE;
  }
}
