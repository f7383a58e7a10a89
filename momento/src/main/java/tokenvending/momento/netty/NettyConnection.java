package tokenvending.momento.netty;

import com.google.protobuf.ByteString;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.NoopAddressResolverGroup;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tokenvending.momento.FailureCause;
import tokenvending.momento.GrpcReply;
import tokenvending.momento.GrpcStatus;
import tokenvending.momento.TokenServiceAddress;
import tokenvending.momento.TokenServiceConnection;

/**
 * An HTTP/2 connection to one token service. All calls share it, and it is replaced when it ends.
 */
final class NettyConnection implements TokenServiceConnection {
  private static final Duration CONNECT_WITHIN = Duration.ofSeconds(3);

  /** A connection without traffic for twice this time, ping responses included, is dead. */
  private static final Duration QUIET = Duration.ofSeconds(7);

  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(1);

  /** How long a retired connection can still have calls: longer than any call. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  private static final AsciiString CONTENT_TYPE = AsciiString.cached("content-type");
  private static final AsciiString GRPC = AsciiString.cached("application/grpc");
  private static final AsciiString TE = AsciiString.cached("te");
  private static final AsciiString TRAILERS = AsciiString.cached("trailers");
  private static final AsciiString TIMEOUT = AsciiString.cached("grpc-timeout");
  private static final AsciiString POST = AsciiString.cached("POST");
  private static final AsciiString CALL = AsciiString.cached(PATH);

  private final TokenServiceAddress address;
  private final AsciiString authority;
  private final EventLoopGroup loops;
  private final Bootstrap bootstrap;
  private final Optional<SslContext> tls;
  private final AtomicReference<@Nullable CompletableFuture<Channel>> connection =
      new AtomicReference<>();
  private volatile boolean retired;

  NettyConnection(
      TokenServiceAddress address,
      EventLoopGroup loops,
      Class<? extends SocketChannel> channels,
      ClientTls tls) {
    this.address = address;
    this.authority = AsciiString.of(address.authority());
    this.loops = loops;
    this.bootstrap =
        new Bootstrap()
            .group(loops)
            .channel(channels)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) CONNECT_WITHIN.toMillis())
            .resolver(new Names())
            .remoteAddress(InetSocketAddress.createUnresolved(address.host(), address.port()));
    this.tls = address.isClearText() ? Optional.empty() : Optional.of(tls.context());
  }

  private void prepare(
      Channel channel, Optional<InetSocketAddress> proxy, CompletableFuture<Channel> connected) {
    ChannelPipeline pipeline = channel.pipeline();
    proxy.ifPresent(at -> pipeline.addLast(new HttpProxyHandler(at)));
    tls.ifPresent(
        context ->
            pipeline.addLast(context.newHandler(channel.alloc(), address.host(), address.port())));
    pipeline.addLast(new IdleStateHandler(QUIET.toMillis(), 0, 0, TimeUnit.MILLISECONDS));
    pipeline.addLast(
        Http2FrameCodecBuilder.forClient()
            .initialSettings(
                Http2Settings.defaultSettings()
                    .pushEnabled(false)
                    .maxHeaderListSize(LARGEST_HEADERS))
            // Calls beyond the service's limit wait instead of failing.
            .encoderEnforceMaxConcurrentStreams(true)
            .build());
    // The handler is only for streams that the server opens, which it must not.
    pipeline.addLast(new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
    pipeline.addLast(new Health(connected, () -> forget(connected)));
  }

  /** Returns the proxy that the JVM's selector names for the service, unresolved. */
  private Optional<InetSocketAddress> proxy() {
    ProxySelector selector = ProxySelector.getDefault();
    return selector == null || tls.isEmpty()
        ? Optional.empty()
        : selector.select(URI.create(address.toString())).stream()
            .filter(proxy -> proxy.type() == Proxy.Type.HTTP)
            .map(Proxy::address)
            .filter(InetSocketAddress.class::isInstance)
            .map(InetSocketAddress.class::cast)
            .findFirst();
  }

  /** Returns the current or pending connection. */
  private CompletableFuture<Channel> connection() {
    if (retired) {
      return CompletableFuture.failedFuture(new Health.Ended(FailureCause.Network.CLOSING));
    }
    CompletableFuture<Channel> present = connection.get();
    if (present != null) {
      return present;
    }
    CompletableFuture<Channel> made = new CompletableFuture<>();
    CompletableFuture<Channel> first = connection.compareAndExchange(null, made);
    if (first != null) {
      return first;
    }
    connect(made);
    return made;
  }

  private void connect(CompletableFuture<Channel> connected) {
    Optional<InetSocketAddress> proxy = proxy();
    if (proxy.isEmpty()) {
      connect(bootstrap.clone(), Optional.empty(), connected);
      return;
    }
    // Resolving the proxy's name blocks. The proxy resolves the service's name.
    InetSocketAddress named = proxy.get();
    Bootstrap throughProxy = bootstrap.clone().resolver(NoopAddressResolverGroup.INSTANCE);
    Thread.startVirtualThread(
        () ->
            connect(
                throughProxy,
                Optional.of(new InetSocketAddress(named.getHostString(), named.getPort())),
                connected));
  }

  private void connect(
      Bootstrap way, Optional<InetSocketAddress> proxy, CompletableFuture<Channel> connected) {
    ChannelInitializer<Channel> initializer =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            prepare(channel, proxy, connected);
          }
        };
    var _ =
        way.handler(initializer)
            .connect()
            .addListener(
                done -> {
                  if (!done.isSuccess()) {
                    forget(connected);
                    FailureCause cause = NettyFailure.cause(done.cause());
                    connected.completeExceptionally(
                        new Health.Ended(
                            proxy.isPresent() ? new FailureCause.AtProxy(cause) : cause));
                  }
                });
  }

  /** Makes new calls use another connection. */
  private void forget(CompletableFuture<Channel> one) {
    var _ = connection.compareAndSet(one, null);
  }

  @Override
  public GrpcReply call(ByteString message, Duration timeout) {
    CompletableFuture<GrpcReply> reply = new CompletableFuture<>();
    CompletableFuture<Channel> way = connection();
    CompletableFuture<Http2StreamChannel> stream = new CompletableFuture<>();
    var _ =
        way.whenComplete(
            (channel, failed) -> {
              if (failed != null) {
                reply.complete(GrpcReply.unavailable(NettyFailure.cause(failed)));
              } else {
                send(channel, message, timeout, reply, stream);
              }
            });
    try {
      return reply.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return broken(
          stream,
          GrpcStatus.DEADLINE_EXCEEDED,
          way.isDone() ? FailureCause.Network.DEADLINE : FailureCause.Network.CONNECT_TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return broken(stream, GrpcStatus.CANCELLED, FailureCause.Network.INTERRUPTED);
    } catch (ExecutionException e) {
      // Not passed on: a library's message about a call can quote the request and its key.
      return broken(stream, GrpcStatus.UNKNOWN, FailureCause.Network.UNCLASSIFIED);
    }
  }

  /** Closes an unfinished stream, which resets it. */
  private static GrpcReply broken(
      CompletableFuture<Http2StreamChannel> stream, GrpcStatus status, FailureCause cause) {
    var _ =
        stream.thenAccept(
            open -> {
              var _ = open.close();
            });
    return new GrpcReply.Failure(status, cause);
  }

  private void send(
      Channel channel,
      ByteString message,
      Duration timeout,
      CompletableFuture<GrpcReply> reply,
      CompletableFuture<Http2StreamChannel> stream) {
    var _ =
        new Http2StreamChannelBootstrap(channel)
            .handler(new Exchange(reply))
            .open()
            .addListener(
                (Future<Http2StreamChannel> opened) -> {
                  if (!opened.isSuccess()) {
                    reply.complete(unavailable(channel, opened.cause()));
                    return;
                  }
                  Http2StreamChannel own = opened.getNow();
                  stream.complete(own);
                  var _ = own.write(new DefaultHttp2HeadersFrame(headers(timeout)));
                  var _ =
                      own.writeAndFlush(new DefaultHttp2DataFrame(framed(own, message), true))
                          .addListener(
                              written -> {
                                if (!written.isSuccess()) {
                                  reply.complete(unavailable(channel, written.cause()));
                                }
                              });
                });
  }

  /** Returns why nothing was sent: the end of the connection, if it ended meanwhile. */
  private static GrpcReply unavailable(Channel channel, Throwable failure) {
    return GrpcReply.unavailable(
        channel.isActive() ? NettyFailure.cause(failure) : Health.causeOfEnd(channel));
  }

  private Http2Headers headers(Duration timeout) {
    return new DefaultHttp2Headers(false)
        .method(POST)
        .scheme(address.isClearText() ? "http" : "https")
        .authority(authority)
        .path(CALL)
        .set(CONTENT_TYPE, GRPC)
        .set(TE, TRAILERS)
        .set(TIMEOUT, TokenServiceConnection.grpcTimeout(timeout));
  }

  private static ByteBuf framed(Channel channel, ByteString message) {
    return channel
        .alloc()
        .buffer(GrpcReply.PREFIX + message.size())
        .writeByte(0)
        .writeInt(message.size())
        .writeBytes(message.asReadOnlyByteBuffer());
  }

  @Override
  public void awaitConnected(Duration timeout) {
    try {
      var _ = connection().get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // The next call reports the failure.
    }
  }

  @Override
  public void retire() {
    retired = true;
    var _ = loops.schedule(this::shutDown, GRACE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Shuts down the event loop, which closes its channels. */
  private void shutDown() {
    var _ = loops.shutdownGracefully(0, CLOSE_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Waits until the event loop's thread has ended, because a snapshot of the process must not
   * contain it.
   */
  @Override
  public void close() {
    retired = true;
    shutDown();
    var _ = loops.terminationFuture().awaitUninterruptibly(2 * CLOSE_WITHIN.toMillis());
  }

  /** Uses {@link JdkNames} on each event loop. */
  private static final class Names extends AddressResolverGroup<InetSocketAddress> {
    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
      return new JdkNames(executor).asAddressResolver();
    }
  }
}
