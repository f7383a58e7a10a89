package tokenvending.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import tokenvending.identity.ClientAddress;

/**
 * Finds the client's address. {@code X-Forwarded-For} is believed only as far as trusted proxies
 * wrote it: read from its right end, the first address that is no trusted proxy is the client; what
 * stands left of it is the client's own word.
 */
final class ClientAddresses {
  private static final Pattern NUMERIC = Pattern.compile("[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  private final Predicate<InetAddress> trustedProxy;

  ClientAddresses(Predicate<InetAddress> trustedProxy) {
    this.trustedProxy = trustedProxy;
  }

  ClientAddress of(InetAddress peer, List<String> forwardedFor) {
    List<String> hops = new ArrayList<>();
    for (String line : forwardedFor) {
      hops.addAll(List.of(line.split(",", -1)));
    }
    InetAddress client = peer;
    for (int i = hops.size() - 1; i >= 0 && trustedProxy.test(client); i--) {
      String hop = hops.get(i).strip();
      if (!NUMERIC.matcher(hop).matches()) {
        break;
      }
      try {
        client = InetAddress.getByName(hop);
      } catch (UnknownHostException e) {
        break;
      }
    }
    return new ClientAddress(client);
  }
}
