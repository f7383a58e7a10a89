package tokenvending.momentolocal;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Refuses, with 403 and before anything else happens, requests that a web page from elsewhere may
 * have caused: those whose {@code Host} is not a name of this machine (DNS rebinding), and those
 * whose {@code Origin} is not a page served by this machine. Programs send no {@code Origin} and
 * pass.
 */
public final class LoopbackGuard implements DecoratingHttpServiceFunction {

  private static final Pattern AUTHORITY =
      Pattern.compile("(?<host>\\[[0-9a-f:]+]|[a-z0-9._-]+)(:[0-9]{1,5})?");
  private static final Pattern ORIGIN = Pattern.compile("https?://(?<authority>.+)");
  private static final Pattern LOOPBACK_V4 =
      Pattern.compile("127(\\.(0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])){3}");

  private final Set<String> extraHosts;
  private final Set<String> extraOrigins;

  private LoopbackGuard(Set<String> extraHosts, Set<String> extraOrigins) {
    this.extraHosts = extraHosts;
    this.extraOrigins = extraOrigins;
  }

  /**
   * A guard that also lets through the given host names (without port; any port will do) and the
   * given origins (in full).
   */
  public static LoopbackGuard of(Set<String> extraHosts, Set<String> extraOrigins) {
    return new LoopbackGuard(lowerCase(extraHosts), lowerCase(extraOrigins));
  }

  @Override
  public HttpResponse serve(HttpService delegate, ServiceRequestContext ctx, HttpRequest request)
      throws Exception {
    String authority = request.authority();
    if (authority == null
        || !allowsHost(authority)
        || !request.headers().getAll(HttpHeaderNames.HOST).stream().allMatch(this::allowsHost)) {
      return refuse("This address is only for the machine it runs on (Host not allowed).");
    }
    List<String> origins = request.headers().getAll(HttpHeaderNames.ORIGIN);
    if (origins.size() > 1 || !origins.stream().allMatch(this::allowsOrigin)) {
      return refuse("This page may not call a service on this machine (Origin not allowed).");
    }
    return delegate.serve(ctx, request);
  }

  /** Whether {@code authority} (a host, perhaps with a port) is a name of this machine. */
  boolean allowsHost(String authority) {
    Matcher matcher = AUTHORITY.matcher(authority.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      return false;
    }
    String host = matcher.group("host");
    return host.equals("localhost")
        // By RFC 6761 §6.3 these never leave the machine.
        || host.endsWith(".localhost")
        || host.equals("[::1]")
        || LOOPBACK_V4.matcher(host).matches()
        || extraHosts.contains(host);
  }

  /** Whether a page of this origin may call; the origin {@code null} never may. */
  boolean allowsOrigin(String origin) {
    String lower = origin.toLowerCase(Locale.ROOT);
    if (extraOrigins.contains(lower)) {
      return true;
    }
    Matcher matcher = ORIGIN.matcher(lower);
    return matcher.matches() && isLoopback(matcher.group("authority"));
  }

  private boolean isLoopback(String authority) {
    Matcher matcher = AUTHORITY.matcher(authority);
    // A name allowed as Host is a name of ours, not therefore a page to be trusted.
    return matcher.matches()
        && !extraHosts.contains(matcher.group("host"))
        && allowsHost(authority);
  }

  private static HttpResponse refuse(String why) {
    return HttpResponse.of(HttpStatus.FORBIDDEN, MediaType.PLAIN_TEXT_UTF_8, why + "\n");
  }

  private static Set<String> lowerCase(Set<String> names) {
    return names.stream().map(n -> n.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
  }
}
