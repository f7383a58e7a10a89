package tokenvending.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import tokenvending.server.lifecycle.LibraryLogLimit;
import tokenvending.testing.Keytool;

/** {@code server.tls}, with a certificate that keytool of this JDK makes. */
@Timeout(60)
final class TlsTest {
  @TempDir private Path folder;

  @Test
  void it_vends_over_TLS_in_both_versions_of_HTTP_and_guards_the_framing()
      throws IOException, InterruptedException, GeneralSecurityException {
    SSLContext trust = certificate();
    String policy =
        Vendor.OPEN + "server: { tls: { certificate: 'file:cert.pem', key: 'file:key.pem' } }\n";
    try (Vendor vendor = Vendor.start(folder, policy)) {
      for (HttpClient.Version version : HttpClient.Version.values()) {
        if (!List.of(HttpClient.Version.HTTP_1_1, HttpClient.Version.HTTP_2).contains(version)) {
          continue;
        }
        try (HttpClient client =
            HttpClient.newBuilder().sslContext(trust).version(version).build()) {
          HttpResponse<String> answer =
              client.send(
                  HttpRequest.newBuilder(URI.create("https://localhost:" + vendor.port() + "/"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());
          assertThat(answer.statusCode()).isEqualTo(200);
          assertThat(answer.version()).isEqualTo(version);
        }
      }
      int before = vendor.minted();
      Socket socket =
          trust.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), vendor.port());
      try (Wire wire = Wire.over(socket)) {
        wire.send(
            """
            POST / HTTP/1.1\r
            Host: localhost\r
            Content-Length: 5\r
            Transfer-Encoding: chunked\r
            \r
            0\r
            \r
            """);
        assertThat(wire.answer().status()).isEqualTo(400);
        assertThat(wire.ends()).isTrue();
      }
      assertThat(vendor.minted()).isEqualTo(before);
      try (Wire wire =
          Wire.over(
              trust
                  .getSocketFactory()
                  .createSocket(InetAddress.getLoopbackAddress(), vendor.port()))) {
        PipeliningTest.waitTheirTurn(vendor, wire);
      }
    }
  }

  @Test
  void plain_requests_do_not_fill_the_log()
      throws IOException, InterruptedException, GeneralSecurityException {
    certificate();
    String policy =
        Vendor.OPEN + "server: { tls: { certificate: 'file:cert.pem', key: 'file:key.pem' } }\n";
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    log.start();
    root.addAppender(log);
    try (Vendor vendor = Vendor.start(folder, policy)) {
      for (int i = 0; i < 100; i++) {
        for (String sent :
            List.of(
                "GET /?name=s3cretmark HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "\0\1\2 s3cretmark\n")) {
          try (Wire wire = Wire.to(vendor.port())) {
            wire.send(sent);
            assertThat(wire.closes()).isTrue();
          }
        }
      }
    } finally {
      root.detachAppender(log);
    }
    List<ILoggingEvent> lines = List.copyOf(log.list);
    // The minute may change meanwhile, and each adds a line that says so.
    assertThat(lines).hasSizeLessThanOrEqualTo(2 * LibraryLogLimit.MOST + 2);
    assertThat(lines)
        .extracting(ILoggingEvent::getFormattedMessage)
        .noneMatch(
            line ->
                line.contains("s3cretmark")
                    || line.contains(HexFormat.of().formatHex("s3cretmark".getBytes(UTF_8))));
  }

  private SSLContext certificate() throws IOException {
    KeyStore store =
        Keytool.selfSigned(folder, "localhost", "-ext", "SAN=dns:localhost,ip:127.0.0.1");
    Files.writeString(folder.resolve("cert.pem"), Keytool.certificate(store));
    Files.writeString(folder.resolve("key.pem"), Keytool.key(store));
    return Keytool.trusting(store);
  }
}
