package tokenvending.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Answers CORS preflight requests (the CORS protocol of the Fetch standard). Every requested header
 * is allowed, because pages add headers such as {@code traceparent}; only those that the vend
 * endpoint reads have an effect.
 */
final class Preflight {
  /** The longest list of headers that is returned, in characters; more than a page uses. */
  private static final int LONGEST = 2 * 1024;

  /** A token (RFC 9110 §5.6.2). */
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  private static final List<String> OURS =
      List.of("authorization", "content-type", "password", "username");

  private Preflight() {}

  /**
   * Returns the value of {@code Access-Control-Allow-Headers}: the headers that the vend endpoint
   * reads, and the requested ones.
   *
   * @param asked the values of {@code Access-Control-Request-Headers}; ignored if they exceed 2 KiB
   *     in total or are not a list of header names
   */
  static String allowedHeaders(List<String> asked) {
    List<String> allowed = new ArrayList<>(OURS);
    for (String name : names(asked)) {
      if (!allowed.contains(name)) {
        allowed.add(name);
      }
    }
    return String.join(", ", allowed);
  }

  private static List<String> names(List<String> asked) {
    if (asked.stream().mapToInt(String::length).sum() > LONGEST) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    for (String value : asked) {
      for (String member : value.split(",", -1)) {
        String name = member.strip().toLowerCase(Locale.ROOT);
        // RFC 9110 §5.6.1.2: empty list elements are ignored.
        if (!name.isEmpty()) {
          if (!TOKEN.matcher(name).matches()) {
            return List.of();
          }
          names.add(name);
        }
      }
    }
    return names;
  }
}
