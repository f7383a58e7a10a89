package tokenvending.server.http;

import com.linecorp.armeria.common.RequestHeaders;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import tokenvending.momentolocal.AllowedHosts;

/** The {@link AllowedHosts} of one listener, which change on reload. Thread-safe. */
final class HostRule {
  private final InetAddress listening;
  private final String host;
  private final Supplier<ClientRules> rules;
  private volatile Current current;

  private record Current(List<String> allowed, AllowedHosts hosts) {}

  /**
   * A rule for a listener.
   *
   * @param host the configured name or address
   */
  HostRule(InetAddress listening, String host, Supplier<ClientRules> rules) {
    this.listening = listening;
    this.host = host;
    this.rules = rules;
    this.current = of(rules.get().allowedHosts());
  }

  boolean allows(RequestHeaders headers) {
    List<String> allowed = rules.get().allowedHosts();
    Current known = current;
    if (!known.allowed().equals(allowed)) {
      known = of(allowed);
      current = known;
    }
    return known.hosts().allow(headers);
  }

  private Current of(List<String> allowed) {
    List<String> all = new ArrayList<>(allowed);
    if (listening.isLoopbackAddress()) {
      all.add(host);
    }
    return new Current(allowed, AllowedHosts.at(listening, all));
  }
}
