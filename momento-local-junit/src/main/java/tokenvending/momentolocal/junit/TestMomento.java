package tokenvending.momentolocal.junit;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import tokenvending.momentolocal.AdjustableClock;
import tokenvending.momentolocal.LocalCredentials;
import tokenvending.momentolocal.LocalServer;
import tokenvending.momentolocal.MomentoLocal;
import tokenvending.momentolocal.MomentoLocalOptions;
import tokenvending.momentolocal.TokenPermission;

/** A momento-local at a free port of 127.0.0.1, with a clock of its own. Thread-safe. */
public final class TestMomento {

  private final AdjustableClock clock;
  private final MomentoLocal local;
  private final LocalServer server;

  private TestMomento(AdjustableClock clock, MomentoLocal local, LocalServer server) {
    this.clock = clock;
    this.local = local;
    this.server = server;
  }

  static TestMomento start(MomentoLocalOptions options, List<String> caches) {
    AdjustableClock clock = new AdjustableClock(options.clock());
    MomentoLocal local = MomentoLocal.start(options.withClock(clock));
    caches.forEach(local::createCache);
    return new TestMomento(clock, local, LocalServer.start(local, 0));
  }

  void stop() {
    server.close();
  }

  /** The port at 127.0.0.1 for gRPC, gRPC-Web and the HTTP API, without TLS. */
  public int port() {
    return server.port();
  }

  /** The host and port, as endpoint overrides of SDKs have them. */
  public String endpoint() {
    return "127.0.0.1:" + port();
  }

  /** The keys that it accepts. */
  public LocalCredentials credentials() {
    return local.credentials();
  }

  /** Returns a token for an hour, in the form that SDKs accept, with these permissions only. */
  public String vend(TokenPermission... permissions) {
    return vend(Duration.ofHours(1), "", permissions);
  }

  /**
   * Returns a token, in the form that SDKs accept, with these permissions only.
   *
   * @param validFor whole seconds, at most 25 hours
   * @param tokenId what subscribers receive as the publisher's id; can be empty
   * @throws IllegalArgumentException if Momento would not grant it
   */
  public String vend(Duration validFor, String tokenId, TokenPermission... permissions) {
    return local.mint(validFor, tokenId, List.of(permissions));
  }

  /** Sets its clock forward, so that items and tokens expire without waiting. */
  public void advance(Duration by) {
    clock.advance(by);
  }

  /**
   * Stores items.
   *
   * @param json caches and items, such as {@code {"caches": {"chat": [{"key": "a", "value":
   *     "text"}]}}}
   * @throws IllegalArgumentException if it is not valid, with the place
   */
  public void seed(String json) {
    local.seed(json.getBytes(StandardCharsets.UTF_8));
  }

  /** Removes all items and messages, restores the caches, and sets the clock back. */
  public void reset() {
    local.reset();
    clock.reset();
  }
}
