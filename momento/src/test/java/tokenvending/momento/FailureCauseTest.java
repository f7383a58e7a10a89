package tokenvending.momento;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.grpc.TlsServerCredentials;
import io.netty.handler.codec.http2.Http2Error;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.IssueResult.Category;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.issuing.IssueResult.Unavailable;
import tokenvending.issuing.IssueResult.UpstreamFault;
import tokenvending.momento.FailureCause.Network;
import tokenvending.momento.netty.NettyConnector;
import tokenvending.network.EnvironmentProxies;
import tokenvending.testing.Keytool;

/** The log line of a failed call names the cause and the host, over real connections. */
@Timeout(60)
class FailureCauseTest {
  private static final char[] PASSWORD = Keytool.PASSWORD.toCharArray();
  private static final Unavailable UNREACHABLE =
      new Unavailable(Cause.UPSTREAM_UNAVAILABLE, Duration.ofSeconds(2));

  @TempDir private Path folder;

  private final Logger log = (Logger) LoggerFactory.getLogger(KeyRotatingIssuer.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void listen() {
    lines.start();
    log.addAppender(lines);
    log.setLevel(Level.WARN);
  }

  @AfterEach
  void listen_no_more() {
    log.detachAppender(lines);
    log.setLevel(null);
  }

  /** Answers each connection in the same way. */
  private static final class RawServer implements AutoCloseable {
    private final ServerSocket listening;

    /** What happens to a connection. */
    interface Behavior {
      void on(Socket socket) throws IOException;
    }

    RawServer(Behavior behavior) throws IOException {
      listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      Thread.ofVirtual().start(() -> accept(behavior));
    }

    private void accept(Behavior behavior) {
      try {
        while (!listening.isClosed()) {
          Socket accepted = listening.accept();
          Thread.ofVirtual().start(() -> serve(accepted, behavior));
        }
      } catch (IOException e) {
        // Closed: the test is over.
      }
    }

    private static void serve(Socket accepted, Behavior behavior) {
      try (accepted) {
        behavior.on(accepted);
      } catch (IOException e) {
        // The client left.
      }
    }

    String uri() {
      return "http://127.0.0.1:" + listening.getLocalPort();
    }

    @Override
    public void close() throws IOException {
      listening.close();
    }
  }

  private static void frame(OutputStream out, int type, int flags, int stream, byte[] payload)
      throws IOException {
    out.write(
        ByteBuffer.allocate(9 + payload.length)
            .put((byte) 0)
            .putShort((short) payload.length)
            .put((byte) type)
            .put((byte) flags)
            .putInt(stream)
            .put(payload)
            .array());
    out.flush();
  }

  /** Writes what answers a call. */
  private interface Response {
    void to(OutputStream out, int stream) throws IOException;
  }

  /** Takes a call, and ends it with this frame. */
  private static RawServer.Behavior endsCalls(int type, boolean onStream, byte[] payload) {
    return answersCalls((out, stream) -> frame(out, type, 0, onStream ? stream : 0, payload));
  }

  private static RawServer.Behavior answersCalls(Response response) {
    return socket -> {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      in.readFully(new byte["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".length()]);
      frame(out, 4, 0, 0, new byte[0]);
      while (true) {
        int length = (in.readUnsignedByte() << 16) + in.readUnsignedShort();
        int kind = in.readUnsignedByte();
        in.readUnsignedByte();
        int stream = in.readInt();
        in.readFully(new byte[length]);
        if (kind == 1) {
          response.to(out, stream);
          out.flush();
        }
      }
    };
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "004001 00 00 00000001", // too large
        "000001 09 04 00000001 88", // continued from nothing
        "000001 01 04 00000001 80", // no fields
        "000002 00 08 00000001 0900", // padded beyond itself
        "000001 08 00 00000000 01", // cut off
      })
  void malformed_frames_give_no_token_and_one_line(String frames) throws IOException {
    byte[] malformed = HexFormat.of().parseHex(frames.replace(" ", ""));
    try (RawServer server = new RawServer(answersCalls((out, stream) -> out.write(malformed)))) {
      assertThat(issue(server.uri()))
          .isIn(UNREACHABLE, new UpstreamFault(Category.INVALID_RESPONSE));
      logged("the server or a proxy does not use HTTP/2", server.uri());
    }
  }

  @Test
  void headers_without_end_give_no_token() throws IOException {
    byte[] field = new byte[8_000];
    Arrays.fill(field, (byte) 'y');
    // A literal field without indexing: a name of one octet, a value of 8,000.
    byte[] block =
        ByteBuffer.allocate(6 + field.length)
            .put(new byte[] {0, 1, 'x', 0x7f, (byte) 0xc1, 0x3d})
            .put(field)
            .array();
    try (RawServer server =
        new RawServer(
            answersCalls(
                (out, stream) -> {
                  frame(out, 1, 0, stream, block);
                  for (int i = 0; i < 5; i++) {
                    frame(out, 9, 0, stream, block);
                  }
                }))) {
      assertThat(issue(server.uri()))
          .isIn(UNREACHABLE, new UpstreamFault(Category.INVALID_RESPONSE));
    }
  }

  private static byte[] number(int code) {
    return ByteBuffer.allocate(4).putInt(code).array();
  }

  private static TrustManagerFactory trust(KeyStore store) {
    try {
      KeyStore certificates = KeyStore.getInstance(KeyStore.getDefaultType());
      certificates.load(null, PASSWORD);
      certificates.setCertificateEntry("authority", store.getCertificate("authority"));
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(certificates);
      return trust;
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Signed by an authority in the same store. */
  private KeyStore certificate(String... more) {
    Path file = folder.resolve("server.p12");
    Keytool.generate(file, "authority", "-dname", "CN=authority", "-ext", "bc:c");
    Keytool.generate(
        file,
        "server",
        Stream.concat(
                Stream.of(
                    "-dname", "CN=localhost", "-ext", "san=dns:localhost", "-signer", "authority"),
                Stream.of(more))
            .toArray(String[]::new));
    return Keytool.load(file);
  }

  private static KeyStore withoutAuthority(KeyStore store) throws GeneralSecurityException {
    try {
      KeyStore server = KeyStore.getInstance("PKCS12");
      server.load(null, PASSWORD);
      server.setKeyEntry(
          "server",
          store.getKey("server", PASSWORD),
          PASSWORD,
          store.getCertificateChain("server"));
      return server;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static FakeTokenService tlsService(KeyStore store) throws GeneralSecurityException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(withoutAuthority(store), PASSWORD);
    return new FakeTokenService(
        (request, number) -> FakeTokenService.good(),
        TlsServerCredentials.newBuilder().keyManager(keys.getKeyManagers()).build(),
        0);
  }

  private static IssueResult issue(
      TokenServiceConnector connector, String address, Duration deadline) {
    try (IssuingRow issuer =
        new IssuingRow(
            MomentoTokenIssuerTest.fixed(MomentoTokenIssuerTest.key("raw-key")),
            Optional.of(MomentoTokenIssuerTest.address(address)),
            connector,
            deadline,
            new CountingBudget(),
            InstantSource.system(),
            System::nanoTime,
            RandomGenerator.getDefault())) {
      return issuer.issue(Grants.of("ReadOnly cache=a"), Grants.HERE);
    }
  }

  private static IssueResult issue(String address) {
    return issue(NettyConnector.nio(), address, Duration.ofSeconds(50));
  }

  private void logged(String cause, String address) {
    assertThat(lines.list).hasSize(1);
    Map<String, Object> values =
        lines.list.getFirst().getKeyValuePairs().stream()
            .collect(java.util.stream.Collectors.toMap(pair -> pair.key, pair -> pair.value));
    assertThat(values)
        .containsEntry("cause", cause)
        .containsEntry("host", address.substring(address.indexOf("//") + 2));
  }

  static Stream<Integer> resets() {
    return IntStream.concat(IntStream.rangeClosed(0, 13), IntStream.of(14, 255, -1)).boxed();
  }

  @ParameterizedTest
  @MethodSource("resets")
  void reset_stream_is_an_outage_and_never_an_invalid_response(int code) throws IOException {
    try (RawServer server = new RawServer(endsCalls(3, true, number(code)))) {
      assertThat(issue(server.uri()))
          .isEqualTo(
              code == 11
                  ? new Unavailable(Cause.UPSTREAM_RATE_LIMITED, Duration.ofSeconds(1))
                  : UNREACHABLE);
      logged("the server reset the stream with " + nameOf(code), server.uri());
    }
  }

  private static String nameOf(int code) {
    return code >= 0 && code <= 13
        ? Http2Error.valueOf(code).name()
        : String.format(Locale.ROOT, "0x%x", code);
  }

  @ParameterizedTest
  @EnumSource(Http2Error.class)
  void connection_that_the_server_ends_is_an_outage(Http2Error error) throws IOException {
    byte[] payload = ByteBuffer.allocate(8).putInt(0).putInt((int) error.code()).array();
    try (RawServer server = new RawServer(endsCalls(7, false, payload))) {
      assertThat(issue(server.uri())).isEqualTo(UNREACHABLE);
      assertThat(lines.list).hasSize(1);
    }
  }

  @Test
  void closed_port_is_connection_refused() throws IOException {
    String uri;
    try (RawServer server = new RawServer(socket -> {})) {
      uri = server.uri();
    }
    assertThat(issue(uri)).isEqualTo(UNREACHABLE);
    logged("connection refused", uri);
  }

  @Test
  void unknown_name_is_dns() {
    String uri = "https://token-service.invalid:443";
    assertThat(issue(uri)).isEqualTo(UNREACHABLE);
    logged("DNS: the host name cannot be resolved", uri);
  }

  @Test
  void expired_certificate_is_named() throws Exception {
    KeyStore store = certificate("-startdate", "-10d", "-validity", "5");
    try (FakeTokenService service = tlsService(store)) {
      String uri = "https://localhost:" + service.port();
      assertThat(issue(NettyConnector.nio().trusting(trust(store)), uri, Duration.ofSeconds(50)))
          .isEqualTo(UNREACHABLE);
      logged("the server's certificate has expired", uri);
    }
  }

  @Test
  void certificate_of_the_future_is_named() throws Exception {
    KeyStore store = certificate("-startdate", "+5d");
    try (FakeTokenService service = tlsService(store)) {
      String uri = "https://localhost:" + service.port();
      assertThat(issue(NettyConnector.nio().trusting(trust(store)), uri, Duration.ofSeconds(50)))
          .isEqualTo(UNREACHABLE);
      logged("the server's certificate is not valid yet", uri);
    }
  }

  @Test
  void untrusted_certificate_is_named() throws Exception {
    try (FakeTokenService service = tlsService(certificate())) {
      String uri = "https://localhost:" + service.port();
      assertThat(issue(uri)).isEqualTo(UNREACHABLE);
      logged("the server's certificate is not signed by a trusted authority", uri);
    }
  }

  @Test
  void certificate_of_another_host_is_named() throws Exception {
    KeyStore store = certificate();
    try (FakeTokenService service = tlsService(store)) {
      String uri = "https://127.0.0.1:" + service.port();
      assertThat(issue(NettyConnector.nio().trusting(trust(store)), uri, Duration.ofSeconds(50)))
          .isEqualTo(UNREACHABLE);
      logged("the server's certificate is for another host name", uri);
    }
  }

  @Test
  void clear_text_where_tls_was_expected_is_named() throws IOException {
    try (RawServer server =
        new RawServer(
            socket -> {
              var _ = socket.getInputStream().read();
              socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII));
              var _ = socket.getInputStream().readAllBytes();
            })) {
      String uri = server.uri().replace("http:", "https:");
      assertThat(issue(uri)).isEqualTo(UNREACHABLE);
      logged("the server does not use TLS", uri);
    }
  }

  @Test
  void page_of_a_proxy_is_not_http2() throws IOException {
    try (RawServer server =
        new RawServer(
            socket -> {
              var _ = socket.getInputStream().read(new byte[24]);
              socket
                  .getOutputStream()
                  .write(
                      "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\n\r\n<html></html>"
                          .getBytes(US_ASCII));
              socket.shutdownOutput();
              var _ = socket.getInputStream().readAllBytes();
            })) {
      assertThat(issue(server.uri())).isEqualTo(UNREACHABLE);
      logged("the server or a proxy does not use HTTP/2", server.uri());
    }
  }

  private void loggedThrough(String proxy, String cause) {
    ProxySelector before = ProxySelector.getDefault();
    try {
      EnvironmentProxies.install(Map.of("HTTPS_PROXY", proxy));
      assertThat(issue("https://token.invalid:443")).isEqualTo(UNREACHABLE);
    } finally {
      ProxySelector.setDefault(before);
    }
    logged(cause, "https://token.invalid:443");
  }

  private static RawServer.Behavior says(String text) {
    return socket -> {
      var _ = socket.getInputStream().read(new byte[1024]);
      socket.getOutputStream().write(text.getBytes(US_ASCII));
      var _ = socket.getInputStream().readAllBytes();
    };
  }

  @Test
  void proxy_that_is_away_or_refuses_is_named() throws IOException {
    String gone;
    try (RawServer proxy = new RawServer(socket -> {})) {
      gone = proxy.uri();
    }
    loggedThrough(gone, "to the proxy: connection refused");
    lines.list.clear();
    try (RawServer proxy =
        new RawServer(
            says("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n"))) {
      loggedThrough(proxy.uri(), "the proxy requires authentication");
    }
    lines.list.clear();
    try (RawServer proxy =
        new RawServer(says("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"))) {
      loggedThrough(proxy.uri(), "the proxy rejected the connection, or its response is not HTTP");
    }
  }

  @Test
  void connection_reset_is_named() throws IOException {
    try (RawServer server =
        new RawServer(
            socket -> {
              var _ = socket.getInputStream().read(new byte[24]);
              socket.setSoLinger(true, 0);
            })) {
      assertThat(issue(server.uri())).isEqualTo(UNREACHABLE);
      logged("the connection was reset", server.uri());
    }
  }

  @Test
  void silence_is_the_deadline() {
    try (FakeTokenService service =
        new FakeTokenService((request, number) -> new FakeTokenService.Response.Silence())) {
      assertThat(issue(NettyConnector.nio(), service.uri(), Duration.ofMillis(600)))
          .isEqualTo(new Unavailable(Cause.UPSTREAM_TIMED_OUT, Duration.ofSeconds(2)));
      logged("no response before the deadline", service.uri());
    }
  }

  static Stream<Map.Entry<Throwable, FailureCause>> exceptions() {
    return Stream.of(
        Map.entry(new UnknownHostException("x"), Network.NAME_NOT_RESOLVED),
        Map.entry(new ConnectException("Connection refused"), Network.CONNECTION_REFUSED),
        Map.entry(new ConnectException("Connection timed out"), Network.CONNECT_TIMEOUT),
        Map.entry(new ConnectException("Network is unreachable"), Network.NO_ROUTE),
        Map.entry(new NoRouteToHostException("x"), Network.NO_ROUTE),
        Map.entry(new SocketTimeoutException("x"), Network.CONNECT_TIMEOUT),
        Map.entry(new SocketException("Connection reset"), Network.CONNECTION_RESET),
        Map.entry(new IOException("Broken pipe"), Network.CONNECTION_RESET),
        Map.entry(new SSLException("Unsupported or unrecognized SSL message"), Network.NOT_TLS),
        Map.entry(new SSLHandshakeException("handshake_failure"), Network.TLS_FAILED),
        Map.entry(
            new SSLHandshakeException("x").initCause(new CertPathBuilderException("x")),
            Network.CERTIFICATE_UNTRUSTED),
        Map.entry(
            new SSLHandshakeException("x")
                .initCause(new CertificateException("No name matching a found")),
            Network.CERTIFICATE_WRONG_HOST),
        Map.entry(
            new CertPathValidatorException(
                "x", null, null, -1, CertPathValidatorException.BasicReason.REVOKED),
            Network.CERTIFICATE_REVOKED),
        Map.entry(new IllegalStateException("your key was raw-key"), Network.UNCLASSIFIED));
  }

  @ParameterizedTest
  @MethodSource("exceptions")
  void exceptions_have_one_cause_each(Map.Entry<Throwable, FailureCause> expected) {
    assertThat(FailureCause.of(expected.getKey())).isEqualTo(expected.getValue());
  }

  @Test
  void page_of_a_firewall_says_nothing_of_the_key() {
    for (int status : new int[] {200, 401, 403}) {
      assertThat(GrpcReply.of(status, null, "text/html; charset=utf-8", new byte[0]))
          .isEqualTo(GrpcReply.unreadable(new FailureCause.HttpAnswer(status, true)));
    }
    assertThat(GrpcReply.of(401, null, "application/grpc", new byte[0]))
        .isEqualTo(
            new GrpcReply.Failure(
                GrpcStatus.UNAUTHENTICATED, new FailureCause.HttpAnswer(401, false)));
  }
}
