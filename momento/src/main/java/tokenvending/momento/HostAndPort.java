package tokenvending.momento;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A host name or IPv4 address, with a port: {@code name} or {@code name:port}. */
record HostAndPort(String host, int port) {
  private static final int LONGEST_NAME = 253;

  /** RFC 1123 §2.1; the possessive quantifiers keep hostile text from costing time. */
  private static final Pattern FORM =
      Pattern.compile(
          "((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)*+[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(?::([0-9]{1,5}))?");

  static Optional<HostAndPort> parse(String text, int defaultPort) {
    Matcher form = FORM.matcher(text);
    if (text.length() > LONGEST_NAME + ":65535".length() || !form.matches()) {
      return Optional.empty();
    }
    String host = form.group(1);
    int port = form.group(2) == null ? defaultPort : Integer.parseInt(form.group(2));
    return host.length() <= LONGEST_NAME && port >= 1 && port <= 65535
        ? Optional.of(new HostAndPort(host, port))
        : Optional.empty();
  }
}
