package tokenvending.server.http;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The headers that a response needs even if the request is rejected before its headers are parsed,
 * for example because they are too large: the page's origin and the client's address.
 */
final class EarlyHeaders {
  private static final Set<String> NAMES = Set.of("origin", "x-forwarded-for", "forwarded");
  private static final AttributeKey<String> KEY = AttributeKey.valueOf(EarlyHeaders.class, "head");

  private EarlyHeaders() {}

  /** Stores the head of the request that is about to be parsed. */
  static void keep(Channel connection, String head) {
    connection.attr(KEY).set(head);
  }

  /** Removes the head, because it can contain credentials. */
  static void forget(Channel connection) {
    connection.attr(KEY).set(null);
  }

  /** Returns the headers of the request that is being parsed, by lower-case name. */
  static Map<String, List<String>> of(Channel connection) {
    String head = connection.attr(KEY).get();
    return head == null ? Map.of() : parsed(head);
  }

  /** Parses a request line with headers, the last of which can be incomplete. */
  private static Map<String, List<String>> parsed(String head) {
    Map<String, List<String>> found = new HashMap<>();
    int start = head.indexOf('\n') + 1;
    for (int end = head.indexOf('\n', start); end >= 0; end = head.indexOf('\n', start)) {
      int colon = head.indexOf(':', start);
      if (colon >= 0 && colon < end) {
        String name = head.substring(start, colon).toLowerCase(Locale.ROOT);
        if (NAMES.contains(name)) {
          found
              .computeIfAbsent(name, missing -> new ArrayList<>())
              .add(head.substring(colon + 1, end).strip());
        }
      }
      start = end + 1;
    }
    return found;
  }
}
