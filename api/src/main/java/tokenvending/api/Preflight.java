package tokenvending.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Answers CORS preflight requests (the CORS protocol of the Fetch standard). It grants nothing:
 * every header that a page names is allowed, since pages add headers of their own (such as {@code
 * traceparent}), and only those that the vend endpoint reads have an effect.
 */
final class Preflight {
  /** More than a page has headers, and little enough to be sent back. */
  private static final int LONGEST = 2 * 1024;

  /** RFC 9110 §5.6.2. */
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  private static final List<String> OURS =
      List.of("authorization", "content-type", "password", "username");

  private Preflight() {}

  /**
   * The value of {@code Access-Control-Allow-Headers}: what the vend endpoint reads, and what the
   * page asks for.
   *
   * @param asked the values of {@code Access-Control-Request-Headers}; ignored where they are
   *     longer than 2 KiB together or not a list of header names
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
        // RFC 9110 §5.6.1.2: empty members do not count.
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
