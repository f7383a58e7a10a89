package tokenvending.momentolocal.junit;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import tokenvending.momentolocal.LocalCredentials;
import tokenvending.momentolocal.LocalServer;
import tokenvending.momentolocal.MomentoLocal;
import tokenvending.momentolocal.MomentoLocalOptions;

/**
 * Runs a {@link MomentoLocal} at a free loopback port before the first test of a class and until
 * after its last.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final MomentoLocalExtension MOMENTO = MomentoLocalExtension.withCaches("chat");
 * }</pre>
 */
public final class MomentoLocalExtension implements BeforeAllCallback, AfterAllCallback {
  private final MomentoLocalOptions options;
  private final List<String> caches;
  private Optional<Running> running = Optional.empty();

  private record Running(MomentoLocal local, LocalServer server) {}

  private MomentoLocalExtension(MomentoLocalOptions options, List<String> caches) {
    this.options = options;
    this.caches = caches;
  }

  /** One with {@link MomentoLocalOptions#defaults()}, in which these caches exist. */
  public static MomentoLocalExtension withCaches(String... caches) {
    return with(MomentoLocalOptions.defaults(), caches);
  }

  /** One with these options, such as a clock that the test sets, in which these caches exist. */
  public static MomentoLocalExtension with(MomentoLocalOptions options, String... caches) {
    return new MomentoLocalExtension(options, List.of(caches));
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    MomentoLocal local = MomentoLocal.start(options);
    caches.forEach(local::createCache);
    running = Optional.of(new Running(local, LocalServer.start(local, 0)));
  }

  @Override
  public void afterAll(ExtensionContext context) {
    running.ifPresent(one -> one.server().close());
    running = Optional.empty();
  }

  /** The port at 127.0.0.1 for gRPC and gRPC-Web, without TLS. */
  public int port() {
    return current().server().port();
  }

  /** The keys that it accepts. */
  public LocalCredentials credentials() {
    return current().local().credentials();
  }

  private Running current() {
    return running.orElseThrow(
        () -> new IllegalStateException("momento-local runs only during the tests of the class"));
  }
}
