package tokenvending.momento.netty;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;

/**
 * The TLS context of HTTP/2 clients, shared by all connections. Reading the trust store takes a
 * tenth of a start, so the first caller reads it once.
 */
final class ClientTls {
  private final FutureTask<SslContext> context;

  /** Trusts these certificates; by default, those of the JDK's trust store. */
  ClientTls(Optional<TrustManagerFactory> trusted) {
    this.context = new FutureTask<>(() -> context(trusted));
  }

  /** Returns the context; waits if another thread is creating it. */
  SslContext context() {
    context.run();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return context.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("TLS cannot be had from this JDK", e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Creates a ClientHello without sending it. This loads the classes of a handshake and computes
   * its tables, which in a new JVM takes as long as reading the trust store.
   */
  void prime() {
    SSLEngine engine = context().newEngine(UnpooledByteBufAllocator.DEFAULT, "localhost", 443);
    try {
      engine.beginHandshake();
      var _ =
          engine.wrap(
              ByteBuffer.allocate(0),
              ByteBuffer.allocate(engine.getSession().getPacketBufferSize()));
    } catch (SSLException e) {
      // The first connection reports the failure.
    }
  }

  private static SslContext context(Optional<TrustManagerFactory> trusted) throws SSLException {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.JDK)
            .endpointIdentificationAlgorithm("HTTPS")
            .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
            .applicationProtocolConfig(
                new ApplicationProtocolConfig(
                    ApplicationProtocolConfig.Protocol.ALPN,
                    ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                    ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                    ApplicationProtocolNames.HTTP_2));
    trusted.ifPresent(builder::trustManager);
    return builder.build();
  }
}
