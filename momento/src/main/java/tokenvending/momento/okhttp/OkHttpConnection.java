package tokenvending.momento.okhttp;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.ConnectivityState;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import tokenvending.momento.GrpcStatus;
import tokenvending.momento.TokenServiceAddress;
import tokenvending.momento.TokenServiceConnection;
import tokenvending.momento.TokenServiceReply;
import tokenvending.momento.TokenServiceReply.Answer;
import tokenvending.momento.TokenServiceReply.Failed;
import tokenvending.momento.TokenServiceReply.Unreadable;

/** A channel of grpc-java to one token service. */
final class OkHttpConnection implements TokenServiceConnection {
  static final MethodDescriptor<ByteString, ByteString> METHOD =
      MethodDescriptor.<ByteString, ByteString>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName(PATH.substring(1))
          .setRequestMarshaller(new Bytes())
          .setResponseMarshaller(new Bytes())
          .build();

  /** The shortest that gRPC takes; Momento's SDKs ping every 5 s, so the service bears it. */
  private static final Duration PING_AFTER = Duration.ofSeconds(10);

  private static final Duration PONG_WITHIN = Duration.ofSeconds(4);

  private static final Duration GRACE = Duration.ofSeconds(1);

  /** The transport logs the first bytes of every frame below INFO, and the key is among them. */
  private static final String FRAME_LOGGER = "io.grpc.okhttp.OkHttpClientTransport";

  private final ManagedChannel channel;

  /** Kept, because loggers that nobody holds are forgotten together with their filter. */
  private final Logger frameLogger;

  private OkHttpConnection(ManagedChannel channel, Logger frameLogger) {
    this.channel = channel;
    this.frameLogger = frameLogger;
  }

  /**
   * Opens a channel; the first call connects it.
   *
   * @param tls whom to trust; not asked where the address is a clear-text one
   */
  static OkHttpConnection open(TokenServiceAddress address, ChannelCredentials tls) {
    Logger frameLogger = Logger.getLogger(FRAME_LOGGER);
    frameLogger.setFilter(line -> line.getLevel().intValue() >= Level.INFO.intValue());
    return new OkHttpConnection(builder(address, tls).build(), frameLogger);
  }

  /** A channel as ours are. */
  static OkHttpChannelBuilder builder(TokenServiceAddress address, ChannelCredentials tls) {
    OkHttpChannelBuilder builder =
        OkHttpChannelBuilder.forAddress(
            address.host(),
            address.port(),
            address.isClearText() ? InsecureChannelCredentials.create() : tls);
    if (address.isClearText()) {
      builder.proxyDetector(target -> null);
      builder.overrideAuthority(address.authority());
    }
    return builder
        // Ours are the only retries: the token service counts every call.
        .disableRetry()
        .disableServiceConfigLookUp()
        .maxInboundMessageSize(LARGEST_ANSWER)
        .maxInboundMetadataSize(LARGEST_HEADERS)
        .keepAliveTime(PING_AFTER.toMillis(), TimeUnit.MILLISECONDS)
        .keepAliveTimeout(PONG_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
        .keepAliveWithoutCalls(true);
  }

  @Override
  public TokenServiceReply call(ByteString message, Duration patience) {
    AnswerTrace trace = new AnswerTrace();
    try {
      // Left alone, gRPC waits up to two minutes between attempts to connect.
      if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
        channel.resetConnectBackoff();
      }
      return new Answer(
          ClientCalls.blockingUnaryCall(
              channel,
              METHOD,
              CallOptions.DEFAULT
                  .withDeadlineAfter(patience.toNanos(), TimeUnit.NANOSECONDS)
                  .withStreamTracerFactory(trace),
              message));
    } catch (StatusRuntimeException e) {
      return failure(e.getStatus().getCode(), trace);
    } catch (RuntimeException e) {
      // Not passed on: what a library says about a call may quote the request, and the key in it.
      return failure(Status.Code.UNKNOWN, trace);
    }
  }

  /** A status that gRPC made itself of an answer that it could not read is the answer's fault. */
  private static TokenServiceReply failure(Status.Code code, AnswerTrace trace) {
    return switch (code) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, UNAUTHENTICATED, PERMISSION_DENIED, INVALID_ARGUMENT ->
          new Failed(GrpcStatus.valueOf(code.name()));
      // gRPC gives this code to an answer that is too large, too.
      case RESOURCE_EXHAUSTED ->
          trace.brokeOff() ? new Unreadable() : new Failed(GrpcStatus.RESOURCE_EXHAUSTED);
      case CANCELLED ->
          Thread.currentThread().isInterrupted()
              ? new Failed(GrpcStatus.CANCELLED)
              : other(code, trace);
      case OK,
          UNKNOWN,
          NOT_FOUND,
          ALREADY_EXISTS,
          FAILED_PRECONDITION,
          ABORTED,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          INTERNAL,
          DATA_LOSS ->
          other(code, trace);
    };
  }

  private static TokenServiceReply other(Status.Code code, AnswerTrace trace) {
    return trace.saidOk() || trace.brokeOff()
        ? new Unreadable()
        : new Failed(GrpcStatus.valueOf(code.name()));
  }

  @Override
  public void awaitConnected(Duration patience) {
    CountDownLatch settled = new CountDownLatch(1);
    awaitSettled(settled);
    try {
      var _ = settled.await(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitSettled(CountDownLatch settled) {
    ConnectivityState now = channel.getState(true);
    switch (now) {
      case IDLE, CONNECTING -> channel.notifyWhenStateChanged(now, () -> awaitSettled(settled));
      case READY, TRANSIENT_FAILURE, SHUTDOWN -> settled.countDown();
    }
  }

  @Override
  public void retire() {
    channel.shutdown();
  }

  @Override
  public void close() {
    channel.shutdown();
    try {
      if (!channel.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        channel.shutdownNow();
      }
    } catch (InterruptedException e) {
      channel.shutdownNow();
      Thread.currentThread().interrupt();
    } finally {
      Reference.reachabilityFence(frameLogger);
    }
  }

  /** Messages as they are on the wire. */
  private static final class Bytes implements MethodDescriptor.Marshaller<ByteString> {
    @Override
    public InputStream stream(ByteString message) {
      return message.newInput();
    }

    @Override
    public ByteString parse(InputStream message) {
      try {
        return ByteString.readFrom(message);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
