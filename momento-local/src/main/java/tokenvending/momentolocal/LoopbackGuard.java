package tokenvending.momentolocal;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tokenvending.momentolocal.http.TextResponse;

/**
 * Rejects with 403 requests that another site's web page can have caused: those with a {@code Host}
 * that is not allowed (DNS rebinding), those with an {@code Origin} that is not on this machine,
 * and those without {@code Origin} that a browser reports as cross-site ({@code Sec-Fetch-Site} of
 * Fetch Metadata). Other programs send neither header and are accepted.
 */
public final class LoopbackGuard implements DecoratingHttpServiceFunction {

  private static final Pattern ORIGIN = Pattern.compile("https?://(?<authority>.+)");
  private static final Set<String> OWN_SITE = Set.of("same-origin", "none");

  private volatile AllowedHosts hosts;
  private final AllowedHosts pages = AllowedHosts.loopbackAnd(Set.of());
  private volatile Set<String> extraOrigins;

  private final String allowHost;
  private final String allowOrigin;

  private LoopbackGuard(
      AllowedHosts hosts, Set<String> extraOrigins, String allowHost, String allowOrigin) {
    this.hosts = hosts;
    this.extraOrigins = extraOrigins;
    this.allowHost = allowHost;
    this.allowOrigin = allowOrigin;
  }

  /**
   * A guard that also accepts the given host names (without port; any port matches) and the given
   * origins (as a whole).
   */
  public static LoopbackGuard of(Set<String> extraHosts, Set<String> extraOrigins) {
    return new LoopbackGuard(
        AllowedHosts.loopbackAnd(extraHosts),
        lowerCase(extraOrigins),
        "tvm local allows it with --allow-host, tvm serve with server.allowed-hosts.",
        "tvm local allows it with --allow-origin, tvm serve with cors.allow-origins.");
  }

  /** A guard that accepts nothing else. */
  public static LoopbackGuard loopbackOnly() {
    return new LoopbackGuard(
        AllowedHosts.loopbackAnd(Set.of()),
        Set.of(),
        "use localhost or 127.0.0.1.",
        "only pages of this machine have access.");
  }

  /** Accepts the hosts for a listener at this address: those of {@link AllowedHosts#at}. */
  void listenAt(InetAddress address, Set<String> extraHosts) {
    this.hosts = AllowedHosts.at(address, extraHosts);
  }

  /** Replaces the additional hosts and origins. */
  public void allow(Set<String> extraHosts, Set<String> extraOrigins) {
    this.hosts = AllowedHosts.loopbackAnd(extraHosts);
    this.extraOrigins = lowerCase(extraOrigins);
  }

  @Override
  public HttpResponse serve(HttpService delegate, ServiceRequestContext ctx, HttpRequest request)
      throws Exception {
    RequestHeaders headers = request.headers();
    if (!hosts.allow(headers)) {
      return reject("Host not allowed: " + allowHost);
    }
    List<String> origins = headers.getAll(HttpHeaderNames.ORIGIN);
    boolean otherSite =
        origins.isEmpty() && !OWN_SITE.containsAll(headers.getAll(HttpHeaderNames.SEC_FETCH_SITE));
    if (otherSite || origins.size() > 1 || !origins.stream().allMatch(this::allowsOrigin)) {
      return reject("Origin not allowed: " + allowOrigin);
    }
    return delegate.serve(ctx, request);
  }

  /** Whether pages of this origin can send requests; always false for {@code null}. */
  boolean allowsOrigin(String origin) {
    String lower = origin.toLowerCase(Locale.ROOT);
    if (extraOrigins.contains(lower)) {
      return true;
    }
    Matcher matcher = ORIGIN.matcher(lower);
    // A name that is allowed as Host is a name of this server, and not a trusted page.
    return matcher.matches() && pages.allow(List.of(matcher.group("authority")));
  }

  private static HttpResponse reject(String why) {
    return TextResponse.of(HttpStatus.FORBIDDEN, why);
  }

  private static Set<String> lowerCase(Set<String> names) {
    return names.stream().map(n -> n.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
  }
}
