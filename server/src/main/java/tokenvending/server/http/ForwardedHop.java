package tokenvending.server.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tokenvending.identity.ClientAddress;

/**
 * One hop of {@code X-Forwarded-For} or {@code Forwarded}: the address from which a proxy received
 * a request.
 *
 * @param address absent if it is hidden, unknown or invalid
 */
record ForwardedHop(Optional<ClientAddress> address) {
  private static final ForwardedHop UNKNOWN = new ForwardedHop(Optional.empty());

  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
  private static final String QUOTED = "\"(?:[^\"\\\\]|\\\\.)*+\"";

  /** Addresses that require quotes are accepted without them, because some proxies omit them. */
  private static final String UNQUOTED = "[!#$%&'*+.^_`|~0-9A-Za-z:\\[\\]-]+";

  /** A pair (RFC 7239 §4), with white space around delimiters as RFC 9110 §5.6.1 allows. */
  private static final Pattern PAIR =
      Pattern.compile("[ \t]*(" + TOKEN + ")=(" + UNQUOTED + "|" + QUOTED + ")[ \t]*");

  /** A port: a number, or an obfuscated name (RFC 7239 §6.3). */
  private static final String PORT = "(?::(?:[0-9]{1,5}|_[A-Za-z0-9._-]+))?";

  private static final Pattern BRACKETED = Pattern.compile("\\[([^\\[\\]]+)\\]" + PORT);
  private static final Pattern IPV4 = Pattern.compile("([0-9.]+)" + PORT);

  /**
   * Parses {@code X-Forwarded-For}, the client's hop first. Proxies write addresses with and
   * without a port, brackets and quotes.
   */
  static List<ForwardedHop> ofXForwardedFor(List<String> values) {
    List<ForwardedHop> hops = new ArrayList<>();
    for (String value : values) {
      for (String member : value.split(",", -1)) {
        // RFC 9110 §5.6.1.2: empty list elements are ignored.
        if (!member.isBlank()) {
          hops.add(node(unquoted(member.strip())));
        }
      }
    }
    return hops;
  }

  /**
   * Parses {@code Forwarded}. A value with invalid syntax is one unknown hop, so that a quote
   * opened by a client cannot hide what a proxy added.
   */
  static List<ForwardedHop> ofForwarded(List<String> values) {
    List<ForwardedHop> hops = new ArrayList<>();
    for (String value : values) {
      hops.addAll(elements(value).orElse(List.of(UNKNOWN)));
    }
    return hops;
  }

  private static Optional<List<ForwardedHop>> elements(String value) {
    List<ForwardedHop> hops = new ArrayList<>();
    Optional<ForwardedHop> current = Optional.empty();
    boolean pairs = false;
    Matcher pair = PAIR.matcher(value);
    int at = 0;
    while (at < value.length()) {
      boolean named = pair.region(at, value.length()).lookingAt();
      if (named) {
        at = pair.end();
        pairs = true;
        if (pair.group(1).toLowerCase(Locale.ROOT).equals("for")) {
          if (current.isPresent()) {
            return Optional.empty();
          }
          current = Optional.of(node(unquoted(pair.group(2))));
        }
      } else {
        while (at < value.length() && (value.charAt(at) == ' ' || value.charAt(at) == '\t')) {
          at++;
        }
      }
      char delimiter = at < value.length() ? value.charAt(at++) : ',';
      if (delimiter == ',') {
        if (pairs) {
          hops.add(current.orElse(UNKNOWN));
        }
        current = Optional.empty();
        pairs = false;
      } else if (delimiter != ';') {
        return Optional.empty();
      }
    }
    if (pairs) {
      hops.add(current.orElse(UNKNOWN));
    }
    return Optional.of(hops);
  }

  private static String unquoted(String text) {
    boolean quoted = text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"");
    return quoted ? text.substring(1, text.length() - 1).replaceAll("\\\\(.)", "$1").strip() : text;
  }

  /** Parses an address with an optional port; anything else is unknown. */
  private static ForwardedHop node(String text) {
    Optional<ClientAddress> bare = ClientAddress.parse(text);
    if (bare.isPresent()) {
      return new ForwardedHop(bare);
    }
    Matcher bracketed = BRACKETED.matcher(text);
    if (bracketed.matches()) {
      return new ForwardedHop(ClientAddress.parse(bracketed.group(1)));
    }
    Matcher withPort = IPV4.matcher(text);
    return withPort.matches() ? new ForwardedHop(ClientAddress.parse(withPort.group(1))) : UNKNOWN;
  }
}
