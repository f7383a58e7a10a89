package tokenvending.momentolocal;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.grpc.GrpcSerializationFormats;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.cors.CorsService;
import com.linecorp.armeria.server.grpc.GrpcService;
import com.linecorp.armeria.server.grpc.GrpcServiceBuilder;
import io.grpc.BindableService;
import io.grpc.ServerInterceptors;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Predicate;
import tokenvending.momentolocal.cache.CacheOperations;
import tokenvending.momentolocal.cache.CacheService;
import tokenvending.momentolocal.cache.Caches;
import tokenvending.momentolocal.cache.ControlService;
import tokenvending.momentolocal.cache.PingService;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.call.CallResult;
import tokenvending.momentolocal.credential.ApiKeyService;
import tokenvending.momentolocal.credential.KeyAuthenticator;
import tokenvending.momentolocal.credential.LocalTokenSeal;
import tokenvending.momentolocal.credential.Minter;
import tokenvending.momentolocal.credential.RateWindow;
import tokenvending.momentolocal.credential.RequireCredential;
import tokenvending.momentolocal.credential.TokenService;
import tokenvending.momentolocal.fault.FaultPlan;
import tokenvending.momentolocal.fault.Faults;
import tokenvending.momentolocal.http.HttpApi;
import tokenvending.momentolocal.item.ItemStore;
import tokenvending.momentolocal.snapshot.Snapshots;
import tokenvending.momentolocal.topic.TopicLimits;
import tokenvending.momentolocal.topic.TopicService;
import tokenvending.momentolocal.topic.Topics;
import tokenvending.momentolocal.wire.ExplicitPermissions;
import tokenvending.momentolocal.wire.Permissions;

/**
 * An emulator of Momento for the official SDKs, over gRPC, gRPC-Web and its HTTP API: it mints
 * disposable tokens, and enforces them on caches and topics. All state is in memory and bounded;
 * keys are valid only for this object. Attach it to a server, and close it before the server stops,
 * so that subscribers receive the status of their streams.
 */
public final class MomentoLocal implements AutoCloseable {

  /** The longest message of Momento's SDKs, in bytes. */
  static final int MAX_MESSAGE_BYTES = 10_486_000;

  private static final int HISTORY_PER_TOPIC = 10_000;
  private static final int MAX_TOPICS = 10_000;
  private static final int MAX_SUBSCRIPTIONS = 10_000;

  /** Every path of a gRPC method, such as {@code /package.Service/Method}. */
  private static final String GRPC_METHOD =
      "regex:^/[A-Za-z0-9_]+(\\.[A-Za-z0-9_]+)+/[A-Za-z0-9_]+$";

  private static final String SUBSCRIBE = "cache_client.pubsub.Pubsub/Subscribe";

  private final LocalCredentials credentials;
  private final LoopbackGuard guard;
  private final Topics topics;
  private final ItemStore items;
  private final Caches caches;
  private final MomentoLocalOptions options;
  private final LocalTokenSeal seal;
  private final KeyAuthenticator authenticator;
  private final RateWindow rate;
  private final Faults faults;
  private final ScheduledExecutorService expiry;
  private final Set<String> initialCaches = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean closed = new AtomicBoolean();

  private MomentoLocal(MomentoLocalOptions options) {
    credentials = LocalCredentials.of(options.givenKeys(), options.endpoint(), options.random());
    guard = LoopbackGuard.of(options.allowedHosts(), options.allowedOrigins());
    topics =
        new Topics(
            new TopicLimits(
                HISTORY_PER_TOPIC, options.maxTopicBytes(), MAX_TOPICS, MAX_SUBSCRIPTIONS),
            options.clock());
    items = new ItemStore(options.clock(), options.maxCacheBytes());
    caches = new Caches(items, topics);

    seal = LocalTokenSeal.random(options.random());
    authenticator =
        new KeyAuthenticator(
            List.of(credentials.rawApiKey(), credentials.v2Key()),
            credentials.sessionKey(),
            seal,
            options.clock());
    rate = new RateWindow(options.authOperationsPerSecond(), options.nanoTime());
    faults = new Faults(options.faults());
    this.options = options;

    expiry =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("momento-local-expiry").factory());
  }

  /** Creates a service without caches, ready to be attached. */
  public static MomentoLocal start(MomentoLocalOptions options) {
    MomentoLocal local = new MomentoLocal(options);
    if (options.endStreamsAtExpiry()) {
      // Polled, because a test can set the clock, which wakes no timer.
      var _ =
          local.expiry.scheduleWithFixedDelay(
              () -> local.topics.endExpired(options.clock().instant()),
              100,
              100,
              TimeUnit.MILLISECONDS);
    }
    return local;
  }

  /**
   * Adds the routes of gRPC, gRPC-Web and the HTTP API. It also keeps connections that only send
   * pings, which Armeria would close after 15 seconds, because SDKs ping every 5 seconds and expect
   * to stay connected.
   */
  public void attachTo(ServerBuilder server) {
    attach(server, options.keyless() ? authenticator.keyless() : authenticator, guard);
  }

  /**
   * Adds the routes for a listener that also accepts calls without a key. It must be at a loopback
   * address; pages of other origins have no access to it.
   */
  void attachKeylessTo(ServerBuilder server) {
    attach(server, authenticator.keyless(), LoopbackGuard.loopbackOnly());
  }

  private void attach(ServerBuilder server, KeyAuthenticator callers, LoopbackGuard guard) {
    server.idleTimeout(Duration.ofMinutes(5), true);
    Function<? super HttpService, CorsService> cors =
        CorsService.builder(guard::allowsOrigin)
            .allowRequestMethods(HttpMethod.POST, HttpMethod.OPTIONS)
            .allowRequestHeaders(
                "agent",
                "authorization",
                "cache",
                "content-type",
                "grpc-timeout",
                "read-concern",
                "runtime-version",
                "x-grpc-web",
                "x-user-agent")
            .allowRequestHeaders(FaultPlan.HEADERS)
            .exposeHeaders("grpc-status", "grpc-message", "err")
            // Chromium requires this from servers on the machine or in its network.
            .preflightResponseHeader("access-control-allow-private-network", "true")
            .maxAge(Duration.ofHours(1))
            .newDecorator();
    TopicService topicService =
        new TopicService(
            caches,
            topics,
            options.clock(),
            options.heartbeatInterval(),
            options.endStreamsAtExpiry());
    CacheOperations operations = new CacheOperations(caches, items, options.clock());
    GrpcServiceBuilder calls = grpc();
    // Uses the server's request timeout: with the client's, Armeria removes the timeout of calls
    // that set none.
    calls.useClientTimeoutHeader(false);
    GrpcServiceBuilder streams = grpc();
    for (ServerServiceDefinition service : services(callers, operations, topicService)) {
      addMethods(calls, service, name -> !name.equals(SUBSCRIBE));
      addMethods(streams, service, SUBSCRIBE::equals);
    }
    server.service(calls.build(), RequestLengthLimit::new, cors, s -> s.decorate(guard));
    server.service(streams.build(), RequestLengthLimit::new, cors, s -> s.decorate(guard));
    new HttpApi(callers, operations, topicService, closed::get)
        .attachTo(
            server,
            service ->
                service
                    .decorate(RequestLengthLimit::new)
                    .decorate(httpCors(guard))
                    .decorate(guard));
    HttpService notServed = (ctx, request) -> notServed(request);
    server.service(GRPC_METHOD, notServed.decorate(cors).decorate(guard));
  }

  private static Function<? super HttpService, CorsService> httpCors(LoopbackGuard guard) {
    return CorsService.builder(guard::allowsOrigin)
        .allowRequestMethods(HttpMethod.GET, HttpMethod.PUT, HttpMethod.DELETE, HttpMethod.POST)
        .allowRequestHeaders("authorization", "content-type")
        .preflightResponseHeader("access-control-allow-private-network", "true")
        .maxAge(Duration.ofHours(1))
        .newDecorator();
  }

  /** Creates a cache if it does not exist. */
  public void createCache(String name) {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a cache needs a name");
    }
    if (caches.create(name) == Caches.Creation.TOO_MANY) {
      throw new IllegalStateException("too many caches");
    }
    initialCaches.add(name);
  }

  /**
   * Returns a token in the form that SDKs accept; it does not count as an auth operation.
   *
   * @param validFor whole seconds, at most 25 hours
   * @param tokenId at most 64 characters; can be empty
   * @throws IllegalArgumentException if Momento would not grant it
   */
  public String mint(Duration validFor, String tokenId, List<TokenPermission> permissions) {
    Permissions wanted =
        Permissions.newBuilder()
            .setExplicit(
                ExplicitPermissions.newBuilder()
                    .addAllPermissions(permissions.stream().map(TokenPermission::wire).toList()))
            .build();
    return switch (minter(authenticator).mintForOwner(wanted, validFor.toSeconds(), tokenId)) {
      case CallResult.Reply<String>(String raw) -> LocalCredentials.v1(raw, options.endpoint());
      case CallResult.Refused<String>(CallError refusal) ->
          throw new IllegalArgumentException(refusal.status().getDescription());
    };
  }

  private Minter minter(KeyAuthenticator callers) {
    return new Minter(callers, seal, rate, options.clock(), options.random());
  }

  /**
   * Stores items: JSON as {@link Snapshots} describes it.
   *
   * @throws IllegalArgumentException if it is not valid, or exceeds a limit
   */
  public void seed(byte[] json) {
    snapshots().seed(json);
  }

  /**
   * Removes all items and messages, deletes the caches that clients created, creates those that
   * they deleted, and starts the counts of faults again.
   */
  public void reset() {
    for (String name : caches.names()) {
      if (!initialCaches.contains(name)) {
        var _ = caches.delete(name);
      }
    }
    initialCaches.forEach(
        name -> {
          if (caches.create(name) == Caches.Creation.EXISTS) {
            var _ = caches.flush(name);
          }
        });
    faults.reset();
  }

  /** Returns all caches and items as JSON, and stores some. */
  Snapshots snapshots() {
    return new Snapshots(caches, items, options.clock());
  }

  int subscriptionCount() {
    return topics.subscriptionCount();
  }

  /** The names of all caches, sorted. */
  public List<String> cacheNames() {
    return caches.names();
  }

  /** The credentials that are accepted from the start. */
  public LocalCredentials credentials() {
    return credentials;
  }

  /** Accepts the hosts for a listener at this address. */
  void listenAt(InetAddress address) {
    guard.listenAt(address, options.allowedHosts());
  }

  /** The guard of all its routes, for other routes of the same server. */
  public LoopbackGuard guard() {
    return guard;
  }

  /** Ends all streams with UNAVAILABLE, rejects all further calls, and drops all state. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    expiry.shutdownNow();
    try {
      topics.close().get(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException | ExecutionException e) {
      // A connection that does not respond must not prevent the stop.
    }
    items.clear();
  }

  private List<ServerServiceDefinition> services(
      KeyAuthenticator callers, CacheOperations operations, TopicService topicService) {
    Minter minter = minter(callers);
    RequireCredential credential = new RequireCredential(callers, closed::get);
    return List.of(
        new TokenService(minter, options.endpoint()).bindService(),
        new ApiKeyService(minter, options.endpoint()).bindService(),
        new PingService(closed::get).bindService(),
        behind(credential, new ControlService(caches)),
        behind(credential, new CacheService(operations)),
        behind(credential, topicService));
  }

  private static GrpcServiceBuilder grpc() {
    return GrpcService.builder()
        .supportedSerializationFormats(
            GrpcSerializationFormats.PROTO,
            GrpcSerializationFormats.PROTO_WEB,
            GrpcSerializationFormats.PROTO_WEB_TEXT)
        .maxRequestMessageLength(MAX_MESSAGE_BYTES);
  }

  private ServerServiceDefinition behind(RequireCredential credential, BindableService service) {
    return ServerInterceptors.interceptForward(service, credential, faults);
  }

  private static void addMethods(
      GrpcServiceBuilder builder, ServerServiceDefinition service, Predicate<String> which) {
    List<ServerMethodDefinition<?, ?>> methods =
        service.getMethods().stream()
            .filter(m -> which.test(m.getMethodDescriptor().getFullMethodName()))
            .toList();
    if (!methods.isEmpty()) {
      ServerServiceDefinition.Builder some =
          ServerServiceDefinition.builder(service.getServiceDescriptor().getName());
      methods.forEach(some::addMethod);
      builder.addService(some.build());
    }
  }

  /**
   * Returns an error that gRPC and gRPC-Web clients can read. It follows the whole request, because
   * clients ignore a status that interrupts them.
   */
  private static HttpResponse notServed(HttpRequest request) {
    MediaType contentType = request.contentType();
    if (contentType == null || !contentType.subtype().startsWith("grpc")) {
      return HttpResponse.of(HttpStatus.NOT_FOUND);
    }
    ResponseHeaders ok =
        ResponseHeaders.of(HttpStatus.OK, HttpHeaderNames.CONTENT_TYPE, contentType);
    HttpHeaders status =
        HttpHeaders.of(
            "grpc-status",
            String.valueOf(Status.UNIMPLEMENTED.getCode().value()),
            "grpc-message",
            "momento-local does not implement this call");
    return HttpResponse.of(
        request
            .aggregate()
            .thenApply(
                whole ->
                    contentType.subtype().startsWith("grpc-web")
                        ? HttpResponse.of(ok.toBuilder().add(status).build())
                        : HttpResponse.of(ok, HttpData.empty(), status)));
  }
}
