package tokenvending.server.http;

import com.linecorp.armeria.common.FlagsProvider;
import com.linecorp.armeria.common.util.TlsEngineType;

/**
 * Armeria's settings for the whole process. It must not remember which route a request took: what
 * it remembers it by holds the headers of that request, credentials included, for as long as the
 * process lives. There are two routes here, so nothing is lost. And two dots in a query are a value
 * like others: nothing here is a path to a file.
 */
public final class HttpFlags implements FlagsProvider {
  private static final String OFF = "off";

  /** Above the defaults; a flag on the command line still comes first. */
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

  /** Netty's own would be unpacked and tried out at every start, also where there is no TLS. */
  @Override
  public TlsEngineType tlsEngineType() {
    return TlsEngineType.JDK;
  }

  /** All of Netty's jars would be asked for theirs; the build holds them to one. */
  @Override
  public Boolean warnNettyVersions() {
    return false;
  }

  @Override
  public Boolean allowDoubleDotsInQueryString() {
    return true;
  }
}
