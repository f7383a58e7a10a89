package tokenvending.momento.socket;

import com.google.protobuf.ByteString;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import tokenvending.momento.FailureCause;
import tokenvending.momento.GrpcReply;
import tokenvending.momento.GrpcStatus;
import tokenvending.momento.TokenServiceAddress;
import tokenvending.momento.TokenServiceConnection;
import tokenvending.momento.TokenServiceReply;
import tokenvending.momento.TokenServiceReply.Failed;

/** HTTP/2 to one token service. All calls share one connection, which is made anew when it ends. */
final class SocketConnection implements TokenServiceConnection {
  private static final Duration CONNECT_WITHIN = Duration.ofSeconds(3);

  /** Twice this without a byte, a ping's answer included, is a dead connection. */
  private static final Duration QUIET = Duration.ofSeconds(7);

  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(1);

  /** No call takes longer, so nothing is under way on what was given up this long ago. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  /** More than a message has, so that whoever sends one does not wait for the other side. */
  private static final int SEND_BUFFER = 128 * 1024;

  private final TokenServiceAddress address;
  private final Supplier<SSLContext> tls;
  private final LongSupplier nanoTime;
  private final Object lock = new Object();
  private @Nullable Connection connection;
  private boolean retired;

  SocketConnection(TokenServiceAddress address, Supplier<SSLContext> tls, LongSupplier nanoTime) {
    this.address = address;
    this.tls = tls;
    this.nanoTime = nanoTime;
  }

  /** One connection, from the attempt to make it to its end. */
  private final class Connection implements Runnable {
    private final CompletableFuture<Http2> connected = new CompletableFuture<>();
    private volatile @Nullable Socket socket;
    private volatile boolean closed;

    @Override
    public void run() {
      Throwable why = new IOException("the connection ended");
      try (Socket plain = connect()) {
        socket = plain;
        if (closed) {
          return;
        }
        Socket open = address.isClearText() ? plain : secured(plain);
        Http2 http =
            new Http2(
                new BufferedInputStream(open.getInputStream()),
                new BufferedOutputStream(open.getOutputStream()),
                connected::complete,
                nanoTime);
        http.begin();
        http.read();
      } catch (IOException | RuntimeException e) {
        // The next call will say so; its text may quote what was read, and goes nowhere.
        why = e;
      } finally {
        forget(this);
        connected.completeExceptionally(why);
      }
    }

    private void close() {
      closed = true;
      Socket open = socket;
      if (open != null) {
        try {
          open.close();
        } catch (IOException e) {
          // It is closed all the same.
        }
      }
    }
  }

  private Socket connect() throws IOException {
    Proxy proxy = proxy();
    Socket plain = new Socket(proxy);
    try {
      plain.setTcpNoDelay(true);
      plain.setSendBufferSize(SEND_BUFFER);
      plain.setSoTimeout((int) QUIET.toMillis());
      // Through a proxy the name is the proxy's to look up.
      plain.connect(
          proxy.type() == Proxy.Type.HTTP
              ? InetSocketAddress.createUnresolved(address.host(), address.port())
              : new InetSocketAddress(address.host(), address.port()),
          (int) CONNECT_WITHIN.toMillis());
      return plain;
    } catch (IOException | RuntimeException e) {
      plain.close();
      throw e;
    }
  }

  private Proxy proxy() {
    ProxySelector selector = ProxySelector.getDefault();
    return selector == null || address.isClearText()
        ? Proxy.NO_PROXY
        : selector.select(URI.create(address.toString())).stream()
            .filter(proxy -> proxy.type() == Proxy.Type.HTTP)
            .findFirst()
            .orElse(Proxy.NO_PROXY);
  }

  /** HTTP/2 by agreement, with a cipher that it allows (RFC 9113 §3.3, §9.2.2). */
  private Socket secured(Socket plain) throws IOException {
    SSLSocket secured =
        (SSLSocket)
            tls.get().getSocketFactory().createSocket(plain, address.host(), address.port(), true);
    SSLParameters parameters = secured.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    parameters.setCipherSuites(
        Arrays.stream(parameters.getCipherSuites())
            .filter(SocketConnection::isAllowed)
            .toArray(String[]::new));
    secured.setSSLParameters(parameters);
    secured.startHandshake();
    if (!"h2".equals(secured.getApplicationProtocol())) {
      throw new IOException("no HTTP/2 there");
    }
    return secured;
  }

  private static boolean isAllowed(String cipher) {
    boolean forward = cipher.startsWith("TLS_ECDHE_") || !cipher.contains("_WITH_");
    return forward && (cipher.contains("_GCM_") || cipher.contains("_CHACHA20_"));
  }

  /** The connection there is or will be; null where there will be none. */
  private @Nullable Connection connection() {
    synchronized (lock) {
      if (retired) {
        return null;
      }
      Connection present = connection;
      if (present != null && !isOver(present)) {
        return present;
      }
      Connection made = new Connection();
      connection = made;
      Thread.ofPlatform().daemon().name("token-service").start(made);
      return made;
    }
  }

  private static boolean isOver(Connection one) {
    return one.connected.isDone()
        && (one.connected.isCompletedExceptionally() || one.connected.join().isOver());
  }

  /** New calls take another connection. */
  private void forget(Connection one) {
    synchronized (lock) {
      if (connection == one) {
        connection = null;
      }
    }
  }

  @Override
  public TokenServiceReply call(ByteString message, Duration patience) {
    long deadline = nanoTime.getAsLong() + patience.toNanos();
    Connection way = connection();
    if (way == null) {
      return Failed.unavailable(FailureCause.Network.CLOSING);
    }
    try {
      Http2 http = way.connected.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      return http.call(headers(patience), framed(message), deadline);
    } catch (TimeoutException e) {
      return new Failed(GrpcStatus.DEADLINE_EXCEEDED, FailureCause.Network.DEADLINE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Failed(GrpcStatus.CANCELLED, FailureCause.Network.INTERRUPTED);
    } catch (ExecutionException e) {
      return Failed.unavailable(FailureCause.of(e));
    }
  }

  private byte[] headers(Duration patience) {
    ByteArrayOutputStream block = new ByteArrayOutputStream(192);
    Hpack.write(":method", "POST", block);
    Hpack.write(":scheme", address.isClearText() ? "http" : "https", block);
    Hpack.write(":authority", address.authority(), block);
    Hpack.write(":path", PATH, block);
    Hpack.write("content-type", "application/grpc", block);
    Hpack.write("te", "trailers", block);
    Hpack.write("grpc-timeout", TokenServiceConnection.timeout(patience), block);
    return block.toByteArray();
  }

  private static byte[] framed(ByteString message) {
    ByteBuffer framed = ByteBuffer.allocate(GrpcReply.PREFIX + message.size());
    framed.put((byte) 0).putInt(message.size());
    message.copyTo(framed);
    return framed.array();
  }

  @Override
  public void awaitConnected(Duration patience) {
    Connection way = connection();
    if (way == null) {
      return;
    }
    try {
      var _ = way.connected.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // The next call will say so.
    }
  }

  @Override
  public void retire() {
    Optional<Connection> last = leave();
    Thread.ofVirtual().start(() -> last.ifPresent(one -> end(one, GRACE)));
  }

  @Override
  public void close() {
    leave().ifPresent(one -> end(one, CLOSE_WITHIN));
  }

  private Optional<Connection> leave() {
    synchronized (lock) {
      retired = true;
      return Optional.ofNullable(connection);
    }
  }

  private static void end(Connection one, Duration patience) {
    try {
      Http2 http = one.connected.getNow(null);
      if (http != null) {
        http.awaitIdle(patience.toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      // It was never made.
    } finally {
      one.close();
    }
  }
}
