package tokenvending.api;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Extracts the id of the trace that a request belongs to. A client can choose it, so it is only
 * audited.
 */
final class TraceId {
  /** The header of W3C Trace Context, version 00 and later ones. */
  private static final Pattern W3C =
      Pattern.compile(
          "(?!ff)(?!00.{54})[0-9a-f]{2}-([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?");

  /** The header of AWS X-Ray, whose id is that of W3C in two parts. */
  private static final Pattern X_RAY =
      Pattern.compile("(?:.*;)?Root=1-([0-9a-f]{8})-([0-9a-f]{24})(?:;.*)?");

  private static final String NONE = "0".repeat(32);

  private TraceId() {}

  /** Returns 32 hexadecimal digits; empty if the headers are absent, repeated or malformed. */
  static Optional<String> of(ApiRequest request) {
    return match(request.header("traceparent"), W3C)
        .map(header -> header.group(1))
        .filter(id -> !id.equals(NONE))
        .or(
            () ->
                match(request.header("x-amzn-trace-id"), X_RAY)
                    .map(header -> header.group(1) + header.group(2)));
  }

  private static Optional<Matcher> match(List<String> values, Pattern form) {
    return values.size() == 1 && values.getFirst().length() <= 512
        ? Optional.of(form.matcher(values.getFirst())).filter(Matcher::matches)
        : Optional.empty();
  }
}
