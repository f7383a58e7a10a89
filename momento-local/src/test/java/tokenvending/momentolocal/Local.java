package tokenvending.momentolocal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import tokenvending.momentolocal.wire.AuthGrpc;
import tokenvending.momentolocal.wire.Permissions;
import tokenvending.momentolocal.wire.PubsubGrpc;
import tokenvending.momentolocal.wire.ScsControlGrpc;
import tokenvending.momentolocal.wire.ScsGrpc;
import tokenvending.momentolocal.wire.TokenGrpc;
import tokenvending.momentolocal.wire._GenerateDisposableTokenRequest;
import tokenvending.momentolocal.wire._GetRequest;
import tokenvending.momentolocal.wire._GetResponse;
import tokenvending.momentolocal.wire._PublishRequest;
import tokenvending.momentolocal.wire._SetRequest;
import tokenvending.momentolocal.wire._SubscriptionRequest;
import tokenvending.momentolocal.wire._TopicValue;

/** A served MomentoLocal with a clock that is set by hand, and a gRPC client for it. */
final class Local implements AutoCloseable {

  static final String CACHE = "default-cache";

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> CACHE_HEADER =
      Metadata.Key.of("cache", Metadata.ASCII_STRING_MARSHALLER);

  final SettableClock clock;
  final MomentoLocal momento;
  final LocalServer server;
  final ManagedChannel channel;

  private Local(SettableClock clock, MomentoLocalOptions options) {
    this.clock = clock;
    this.momento = MomentoLocal.start(options);
    momento.createCache(CACHE);
    this.server = LocalServer.start(momento, 0);
    this.channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
  }

  /** Waits until so many subscriptions exist, at most a minute. */
  void awaitSubscriptions(int count) {
    for (int i = 0; momento.subscriptionCount() != count; i++) {
      if (i > 60_000) {
        throw new AssertionError("not within a minute: subscriptions: " + count);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  static Local start() {
    return start(options -> options);
  }

  static Local start(UnaryOperator<MomentoLocalOptions> change) {
    SettableClock clock = new SettableClock();
    return new Local(
        clock,
        change.apply(
            MomentoLocalOptions.defaults()
                .withClock(clock)
                .withAuthOperationsPerSecond(10_000)
                .withHeartbeatInterval(Duration.ofDays(1))));
  }

  String apiKey() {
    return momento.credentials().rawApiKey();
  }

  TokenGrpc.TokenBlockingStub token() {
    return TokenGrpc.newBlockingStub(channel);
  }

  AuthGrpc.AuthBlockingStub auth() {
    return AuthGrpc.newBlockingStub(channel);
  }

  ScsGrpc.ScsBlockingStub scs(String key, String cache) {
    return scs(channel, key, cache);
  }

  static ScsGrpc.ScsBlockingStub scs(Channel channel, String key, String cache) {
    return ScsGrpc.newBlockingStub(channel).withInterceptors(headers(key, cache));
  }

  ScsControlGrpc.ScsControlBlockingStub control(String key) {
    return ScsControlGrpc.newBlockingStub(channel).withInterceptors(headers(key, ""));
  }

  PubsubGrpc.PubsubBlockingStub pubsub(String key) {
    return PubsubGrpc.newBlockingStub(channel).withInterceptors(headers(key, ""));
  }

  static _GenerateDisposableTokenRequest.Builder request(
      String key, int seconds, Permissions permissions) {
    return _GenerateDisposableTokenRequest.newBuilder()
        .setAuthToken(key)
        .setPermissions(permissions)
        .setExpires(
            _GenerateDisposableTokenRequest.Expires.newBuilder().setValidForSeconds(seconds));
  }

  /** A disposable token for one minute. */
  String mint(Permissions permissions) {
    return mint(permissions, "");
  }

  String mint(Permissions permissions, String tokenId) {
    return token()
        .generateDisposableToken(request(apiKey(), 60, permissions).setTokenId(tokenId).build())
        .getApiKey();
  }

  void set(String key, String cache, String item) {
    assertThat(
            scs(key, cache)
                .set(
                    _SetRequest.newBuilder()
                        .setCacheKey(ByteString.copyFromUtf8(item))
                        .setCacheBody(ByteString.copyFromUtf8("value"))
                        .setTtlMilliseconds(60_000)
                        .build())
                .getResultValue())
        .isEqualTo(1);
  }

  _GetResponse get(String key, String cache, ByteString item) {
    return scs(key, cache).get(_GetRequest.newBuilder().setCacheKey(item).build());
  }

  _GetResponse get(String key, String cache, String item) {
    return get(key, cache, ByteString.copyFromUtf8(item));
  }

  void publish(String key, String cache, String topic, String text) {
    var _ =
        pubsub(key)
            .publish(
                _PublishRequest.newBuilder()
                    .setCacheName(cache)
                    .setTopic(topic)
                    .setValue(_TopicValue.newBuilder().setText(text))
                    .build());
  }

  TestStream subscribe(String key, String cache, String topic) {
    return subscribe(key, cache, topic, 0, 0);
  }

  TestStream subscribe(String key, String cache, String topic, long resumeAt, long page) {
    TestStream stream = new TestStream();
    PubsubGrpc.newStub(channel)
        .withInterceptors(headers(key, ""))
        .subscribe(
            _SubscriptionRequest.newBuilder()
                .setCacheName(cache)
                .setTopic(topic)
                .setResumeAtTopicSequenceNumber(resumeAt)
                .setSequencePage(page)
                .build(),
            stream);
    return stream;
  }

  /** The status that a call which must fail fails with. */
  static Status.Code code(ThrowingCallable call) {
    return status(call).getCode();
  }

  static Status status(ThrowingCallable call) {
    Throwable thrown = catchThrowable(call);
    if (thrown == null) {
      return Status.OK;
    }
    return Status.fromThrowable(thrown);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    // Armeria takes two seconds to let go of its threads; no test needs to see that.
    var _ = server.stop();
  }

  private static io.grpc.ClientInterceptor headers(String key, String cache) {
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, key);
    if (!cache.isEmpty()) {
      headers.put(CACHE_HEADER, cache);
    }
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }
}
