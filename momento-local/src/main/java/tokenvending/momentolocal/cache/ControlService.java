package tokenvending.momentolocal.cache;

import static java.util.Map.entry;

import io.grpc.BindableService;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.function.Supplier;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.call.CallResult;
import tokenvending.momentolocal.credential.Caller;
import tokenvending.momentolocal.wire.ScsControlGrpc;
import tokenvending.momentolocal.wire._Cache;
import tokenvending.momentolocal.wire._CacheLimits;
import tokenvending.momentolocal.wire._CreateCacheRequest;
import tokenvending.momentolocal.wire._CreateCacheResponse;
import tokenvending.momentolocal.wire._DeleteCacheRequest;
import tokenvending.momentolocal.wire._DeleteCacheResponse;
import tokenvending.momentolocal.wire._FlushCacheRequest;
import tokenvending.momentolocal.wire._FlushCacheResponse;
import tokenvending.momentolocal.wire._ListCachesRequest;
import tokenvending.momentolocal.wire._ListCachesResponse;
import tokenvending.momentolocal.wire._TopicLimits;

/**
 * {@code control_client.ScsControl}: creates, deletes, lists and flushes caches. Data permissions
 * do not allow this.
 */
public final class ControlService implements BindableService, ScsControlGrpc.AsyncService {

  private static final int MAX_NAME_LENGTH = 255;

  // Momento's default limits. Only those of sizes are enforced here.
  private static final _CacheLimits CACHE_LIMITS =
      _CacheLimits.newBuilder()
          .setMaxTrafficRate(500)
          .setMaxThroughputKbps(10_240)
          .setMaxItemSizeKb(4_883)
          .setMaxTtlSeconds(86_400)
          .build();
  private static final _TopicLimits TOPIC_LIMITS =
      _TopicLimits.newBuilder()
          .setMaxPublishRate(100)
          .setMaxSubscriptionCount(100)
          .setMaxPublishMessageSizeKb(100)
          .build();

  /** The calls that are not supported, by name. */
  private static final Map<String, String> NOT_SERVED =
      Map.ofEntries(
          entry("CreateSigningKey", "signing keys"),
          entry("RevokeSigningKey", "signing keys"),
          entry("ListSigningKeys", "signing keys"),
          entry("CreateIndex", "vector indexes"),
          entry("DeleteIndex", "vector indexes"),
          entry("ListIndexes", "vector indexes"),
          entry("CreateStore", "stores"),
          entry("DeleteStore", "stores"),
          entry("ListStores", "stores"));

  private final Caches caches;

  public ControlService(Caches caches) {
    this.caches = caches;
  }

  @Override
  public ServerServiceDefinition bindService() {
    ServerServiceDefinition served = ScsControlGrpc.bindService(this);
    ServerServiceDefinition.Builder service =
        ServerServiceDefinition.builder(served.getServiceDescriptor());
    for (ServerMethodDefinition<?, ?> method : served.getMethods()) {
      String what = NOT_SERVED.get(method.getMethodDescriptor().getBareMethodName());
      if (what == null) {
        service.addMethod(method);
      } else {
        service.addMethod(notServed(method, what));
      }
    }
    return service.build();
  }

  private static <Q, A> ServerMethodDefinition<Q, A> notServed(
      ServerMethodDefinition<Q, A> method, String what) {
    return method.withServerCallHandler(
        ServerCalls.asyncUnaryCall(
            (request, out) ->
                inControl(
                    out,
                    () ->
                        new CallResult.Refused<>(
                            CallError.unimplemented("momento-local does not implement " + what)))));
  }

  @Override
  public void createCache(_CreateCacheRequest request, StreamObserver<_CreateCacheResponse> out) {
    inControl(
        out,
        () -> {
          String name = request.getCacheName();
          if (name.isBlank() || name.length() > MAX_NAME_LENGTH) {
            return new CallResult.Refused<>(
                CallError.invalid("a cache name has 1 to " + MAX_NAME_LENGTH + " characters"));
          }
          return switch (caches.create(name)) {
            case CREATED -> new CallResult.Reply<>(_CreateCacheResponse.getDefaultInstance());
            case EXISTS ->
                new CallResult.Refused<>(
                    new CallError(
                        Status.ALREADY_EXISTS.withDescription("cache exists already: " + name),
                        ""));
            case TOO_MANY ->
                new CallResult.Refused<>(
                    CallError.exhausted("more than " + Caches.MAX_CACHES + " caches", ""));
          };
        });
  }

  @Override
  public void deleteCache(_DeleteCacheRequest request, StreamObserver<_DeleteCacheResponse> out) {
    inControl(
        out,
        () ->
            caches.delete(request.getCacheName())
                ? new CallResult.Reply<>(_DeleteCacheResponse.getDefaultInstance())
                : new CallResult.Refused<>(CallError.noSuchCache(request.getCacheName())));
  }

  @Override
  public void flushCache(_FlushCacheRequest request, StreamObserver<_FlushCacheResponse> out) {
    inControl(
        out,
        () ->
            caches.flush(request.getCacheName())
                ? new CallResult.Reply<>(_FlushCacheResponse.getDefaultInstance())
                : new CallResult.Refused<>(CallError.noSuchCache(request.getCacheName())));
  }

  @Override
  public void listCaches(_ListCachesRequest request, StreamObserver<_ListCachesResponse> out) {
    inControl(
        out,
        () -> {
          _ListCachesResponse.Builder response = _ListCachesResponse.newBuilder();
          for (String name : caches.names()) {
            response.addCache(
                _Cache.newBuilder()
                    .setCacheName(name)
                    .setCacheLimits(CACHE_LIMITS)
                    .setTopicLimits(TOPIC_LIMITS));
          }
          return new CallResult.Reply<>(response.build());
        });
  }

  private static <T> void inControl(StreamObserver<T> out, Supplier<CallResult<T>> action) {
    CallResult<T> answer =
        Caller.current().identity().mayControl()
            ? action.get()
            : new CallResult.Refused<>(
                CallError.denied("this credential has no permission for the control plane"));
    answer.sendTo(out);
  }
}
