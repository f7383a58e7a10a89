package tokenvending.momento;

import java.util.Optional;
import java.util.regex.Pattern;
import tokenvending.network.HostName;

/** A host name or IPv4 address and a port, written {@code name} or {@code name:port}. */
record HostAndPort(String host, int port) {
  private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");

  static Optional<HostAndPort> parse(String text, int defaultPort) {
    int colon = text.indexOf(':');
    String host = colon < 0 ? text : text.substring(0, colon);
    String port = colon < 0 ? Integer.toString(defaultPort) : text.substring(colon + 1);
    if (!HostName.isValid(host) || !PORT.matcher(port).matches()) {
      return Optional.empty();
    }
    int number = Integer.parseInt(port);
    return number >= 1 && number <= 65535
        ? Optional.of(new HostAndPort(host, number))
        : Optional.empty();
  }
}
