package tokenvending.server.http;

import com.linecorp.armeria.common.FlagsProvider;
import com.linecorp.armeria.common.util.TlsEngineType;

/**
 * Armeria's process-wide settings. The route cache is off, because its keys hold the headers of
 * requests, credentials included, for the life of the process. Two dots in a query are allowed,
 * because no path is a file here.
 */
public final class HttpFlags implements FlagsProvider {
  private static final String OFF = "off";

  /** Above the defaults; a flag on the command line takes precedence. */
  @Override
  public int priority() {
    return 10;
  }

  @Override
  public String name() {
    return "tokenvending";
  }

  @Override
  public String routeCacheSpec() {
    return OFF;
  }

  @Override
  public String routeDecoratorCacheSpec() {
    return OFF;
  }

  /** Netty's own engine would be unpacked and tested at every start, even without TLS. */
  @Override
  public TlsEngineType tlsEngineType() {
    return TlsEngineType.JDK;
  }

  /**
   * The check would read the versions of all Netty jars; the build already ensures that they agree.
   */
  @Override
  public Boolean warnNettyVersions() {
    return false;
  }

  @Override
  public Boolean allowDoubleDotsInQueryString() {
    return true;
  }
}
