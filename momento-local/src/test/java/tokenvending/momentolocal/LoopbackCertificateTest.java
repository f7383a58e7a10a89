package tokenvending.momentolocal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class LoopbackCertificateTest {
  private static final Path JDK = Path.of(System.getProperty("java.home"));

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1"})
  void who_trusts_its_authority_meets_a_momento_over_tls_and_nobody_else(String host)
      throws IOException, InterruptedException, GeneralSecurityException {
    LoopbackCertificate certificate = LoopbackCertificate.make(JDK, folder);
    ServerBuilder builder =
        Server.builder()
            .https(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .tls(certificate.keys());
    try (MomentoLocal momento = MomentoLocal.start(MomentoLocalOptions.defaults())) {
      momento.attachTo(builder);
      try (Server server = builder.build()) {
        server.start().join();
        URI address = URI.create("https://" + host + ":" + server.activeLocalPort() + "/nothing");
        HttpRequest question = HttpRequest.newBuilder(address).build();
        try (HttpClient trusting =
            HttpClient.newBuilder().sslContext(trusting(certificate.trustStore())).build()) {
          assertThat(trusting.send(question, BodyHandlers.discarding()).statusCode())
              .isEqualTo(404);
        }
        try (HttpClient other = HttpClient.newHttpClient()) {
          assertThatThrownBy(() -> other.send(question, BodyHandlers.discarding()))
              .isInstanceOf(SSLHandshakeException.class);
        }
      }
    }
  }

  @Test
  void those_whom_this_java_trusts_are_trusted_still()
      throws IOException, InterruptedException, GeneralSecurityException {
    Path own = JDK.resolve("lib").resolve("security").resolve("cacerts");
    KeyStore trusted =
        KeyStore.getInstance(
            LoopbackCertificate.make(JDK, folder).trustStore().toFile(), (char[]) null);
    assertThat(trusted.size())
        .isEqualTo(KeyStore.getInstance(own.toFile(), (char[]) null).size() + 1);
  }

  private static SSLContext trusting(Path store) throws IOException, GeneralSecurityException {
    TrustManagerFactory trusted =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusted.init(KeyStore.getInstance(store.toFile(), (char[]) null));
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trusted.getTrustManagers(), null);
    return context;
  }
}
