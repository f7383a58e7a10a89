package tokenvending.authentication;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;
import tokenvending.authentication.JwksSource.OutOfReach;
import tokenvending.network.EnvironmentProxies;
import tokenvending.testing.Keytool;

final class IssuerConnectionTest {
  private static final String ISSUER = "https://login.example.com/";

  private final SettableClock clock = new SettableClock();

  @Test
  @Tag("T14")
  void T14_certificate_that_is_not_trusted_is_named_with_issuer_and_host(@TempDir Path folder)
      throws Exception {
    ListAppender<ILoggingEvent> events = new ListAppender<>();
    events.start();
    Logger logger = (Logger) LoggerFactory.getLogger(JwksSource.class);
    Level before = logger.getLevel();
    logger.setLevel(Level.WARN);
    logger.addAppender(events);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);
    server.setHttpsConfigurator(
        new HttpsConfigurator(
            Keytool.serving(Keytool.selfSigned(folder, "localhost", "-ext", "san=dns:localhost"))));
    server.start();
    URI address = URI.create("https://localhost:" + server.getAddress().getPort() + "/keys");
    try (JwksSource keys =
        new JwksSource(
            new KeySetLocation.At(ISSUER, address),
            clock.nanoClock(),
            clock,
            SettableClock.ENOUGH)) {
      assertThat(keys.named(Optional.of("any"))).isInstanceOf(OutOfReach.class);
      assertThat(keys.problem())
          .hasValueSatisfying(
              problem ->
                  assertThat(problem)
                      .startsWith("keys at localhost: the certificate is not trusted"));
    } finally {
      server.stop(0);
      logger.detachAppender(events);
      logger.setLevel(before);
    }
    assertThat(events.list)
        .singleElement()
        .satisfies(
            event -> {
              assertThat(value(event, "issuer")).isEqualTo(ISSUER);
              assertThat(value(event, "host")).isEqualTo("localhost");
              assertThat(value(event, "cause")).startsWith("the certificate is not trusted");
            });
  }

  @Test
  void cause_is_the_most_specific_one_in_the_chain() {
    assertThat(cause(new ConnectException())).isEqualTo("connection refused");
    assertThat(cause(new UnknownHostException())).isEqualTo("the host name is unknown");
    assertThat(cause(causedBy(new ConnectException(), new UnresolvedAddressException())))
        .isEqualTo("the host name is unknown");
    assertThat(cause(new HttpTimeoutException("t"))).isEqualTo("the response timed out");
    assertThat(cause(new SSLHandshakeException("h"))).isEqualTo("the TLS handshake failed");
    assertThat(
            cause(
                causedBy(
                    new SSLHandshakeException("h"),
                    new CertPathValidatorException("p", new CertificateExpiredException()))))
        .isEqualTo("the certificate has expired");
    assertThat(cause(causedBy(new SSLHandshakeException("h"), new CertificateException("name"))))
        .isEqualTo("the certificate is not for this host, or not acceptable");
    assertThat(cause(new IOException("hidden"))).startsWith("the connection broke");
    assertThat(FetchFault.of(null)).startsWith("the connection broke");
  }

  @Test
  void issuer_is_reached_through_the_proxy_of_the_environment() throws Exception {
    ProxySelector before = ProxySelector.getDefault();
    try (ServerSocket proxy = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      FutureTask<String> request = new FutureTask<>(() -> refuseOne(proxy));
      Thread.startVirtualThread(request);
      EnvironmentProxies.install(Map.of("HTTPS_PROXY", "127.0.0.1:" + proxy.getLocalPort()));
      try (JwksSource keys =
          new JwksSource(
              new KeySetLocation.Discovered("https://login.invalid/"),
              clock.nanoClock(),
              clock,
              SettableClock.ENOUGH)) {
        assertThat(keys.named(Optional.of("any"))).isInstanceOf(OutOfReach.class);
        assertThat(request.get(20, TimeUnit.SECONDS))
            .isEqualTo("CONNECT login.invalid:443 HTTP/1.1");
        assertThat(keys.problem())
            .hasValue("discovery at login.invalid: the proxy refused the connection");
      }
    } finally {
      ProxySelector.setDefault(before);
    }
  }

  private static String refuseOne(ServerSocket proxy) throws IOException {
    try (Socket client = proxy.accept()) {
      BufferedReader reader =
          new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8));
      String first = reader.readLine();
      while (!String.valueOf(reader.readLine()).isEmpty()) {
        // The header is of no interest.
      }
      client
          .getOutputStream()
          .write("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n".getBytes(UTF_8));
      return first;
    }
  }

  private static String cause(Throwable failure) {
    return FetchFault.of(new IOException("hidden", failure));
  }

  private static Exception causedBy(Exception outer, Exception inner) {
    outer.initCause(inner);
    return outer;
  }

  private static String value(ILoggingEvent event, String key) {
    return event.getKeyValuePairs().stream()
        .filter(pair -> pair.key.equals(key))
        .map((KeyValuePair pair) -> String.valueOf(pair.value))
        .findFirst()
        .orElse("");
  }
}
