package tokenvending.server.http;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Converts a request whose target is a whole URL, as clients send it to a proxy; every server must
 * accept it (RFC 9112 §3.2.2). The target's host replaces that of {@code Host}.
 */
final class AbsoluteForm {
  private static final Pattern TARGET =
      Pattern.compile(
          "(?<scheme>[a-z][a-z0-9+.-]*)://(?<host>[^/?#]*)(?<rest>[^#]*)",
          Pattern.CASE_INSENSITIVE);

  private AbsoluteForm() {}

  /** The result of reading a head. */
  sealed interface Reading {
    /** The target has another form. */
    record Other() implements Reading {}

    /** The same request in origin form (RFC 9112 §3.2.1). */
    record Rewritten(String head) implements Reading {}

    /**
     * The target names no host, or contains user information (RFC 9110 §4.2.4), or is not an HTTP
     * URL.
     */
    record Malformed() implements Reading {}
  }

  /**
   * Reads a head.
   *
   * @param head a well-formed request line and headers, each line ended by CR LF
   */
  static Reading of(String head) {
    int end = head.indexOf("\r\n");
    int before = head.indexOf(' ');
    int after = head.indexOf(' ', before + 1);
    if (before < 0 || after < 0 || after > end || head.indexOf("://", before) > after) {
      return new Reading.Other();
    }
    String target = head.substring(before + 1, after);
    if (target.startsWith("/") || !target.contains("://")) {
      return new Reading.Other();
    }
    Matcher url = TARGET.matcher(target);
    if (!url.matches()
        || !url.group("scheme").toLowerCase(Locale.ROOT).matches("https?")
        || url.group("host").isEmpty()
        || url.group("host").contains("@")) {
      return new Reading.Malformed();
    }
    String rest = url.group("rest");
    return new Reading.Rewritten(
        head.substring(0, before + 1)
            + (rest.startsWith("/") ? rest : "/" + rest)
            + head.substring(after, end + 2)
            + "host: "
            + url.group("host")
            + "\r\n"
            + withoutHost(head.substring(end + 2)));
  }

  private static String withoutHost(String headers) {
    StringBuilder others = new StringBuilder(headers.length());
    for (int at = 0; at < headers.length(); ) {
      int next = headers.indexOf("\r\n", at) + 2;
      if (!headers.regionMatches(true, at, "host:", 0, "host:".length())) {
        others.append(headers, at, next);
      }
      at = next;
    }
    return others.toString();
  }
}
