package tokenvending.momento;

import io.grpc.ChannelCredentials;
import io.grpc.ConnectivityState;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A gRPC channel to one token service. It connects when first used, and notices within 15 s that a
 * connection is dead.
 */
final class TokenServiceConnection {
  /** An answer is a key of at most 8 KiB, a host name and a time. */
  private static final int LARGEST_ANSWER = 64 * 1024;

  private static final int LARGEST_HEADERS = 16 * 1024;

  /** The shortest that gRPC takes; Momento's SDKs ping every 5 s, so the service bears it. */
  private static final Duration PING_AFTER = Duration.ofSeconds(10);

  private static final Duration PONG_WITHIN = Duration.ofSeconds(4);

  private static final Duration GRACE = Duration.ofSeconds(1);

  /** The transport logs the first bytes of every frame below INFO, and the key is among them. */
  private static final String FRAME_LOGGER = "io.grpc.okhttp.OkHttpClientTransport";

  private final TokenServiceAddress address;
  private final ManagedChannel channel;

  /** Kept, because loggers that nobody holds are forgotten together with their filter. */
  private final Logger frameLogger;

  private TokenServiceConnection(
      TokenServiceAddress address, ManagedChannel channel, Logger frameLogger) {
    this.address = address;
    this.channel = channel;
    this.frameLogger = frameLogger;
  }

  /**
   * Opens a channel; the first call connects it.
   *
   * @param tls whom to trust; not asked where the address is a clear-text one
   */
  static TokenServiceConnection open(TokenServiceAddress address, ChannelCredentials tls) {
    Logger frameLogger = Logger.getLogger(FRAME_LOGGER);
    frameLogger.setFilter(line -> line.getLevel().intValue() >= Level.INFO.intValue());
    return new TokenServiceConnection(address, builder(address, tls).build(), frameLogger);
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

  TokenServiceAddress address() {
    return address;
  }

  ManagedChannel channel() {
    return channel;
  }

  /** Connects, and waits until that succeeded or failed, at most so long. */
  void awaitConnected(Duration patience) {
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

  /** Calls that are under way may finish; new ones fail with {@code UNAVAILABLE}. */
  void retire() {
    channel.shutdown();
  }

  /** Waits a moment for calls under way, then ends them. */
  void close() {
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
}
