package tokenvending.momento;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import java.io.IOException;
import java.net.ProxySelector;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.issuing.IssueResult.Unavailable;
import tokenvending.momento.netty.NettyConnector;
import tokenvending.network.EnvironmentProxies;
import tokenvending.testing.ConnectProxy;
import tokenvending.testing.Keytool;

/** T4: the key is sent to nobody but a server that the trust store vouches for, by its name. */
class TransportSecurityTest {
  private static final char[] PASSWORD = Keytool.PASSWORD.toCharArray();

  @TempDir static Path folder;

  private static KeyStore store;

  @BeforeAll
  static void make_a_self_signed_certificate() {
    store = Keytool.selfSigned(folder, "localhost", "-ext", "san=dns:localhost,dns:token.invalid");
  }

  @Test
  void trusted_server_is_called() throws GeneralSecurityException {
    try (FakeTokenService service = tlsService()) {
      MomentoTokenIssuerTest.issued(issue("https://localhost:" + service.port(), trusting()));
      assertThat(service.requests()).hasSize(1);
    }
  }

  @Test
  void self_signed_server_is_not_called() throws GeneralSecurityException {
    try (FakeTokenService service = tlsService()) {
      assertThat(issue("https://localhost:" + service.port(), NettyConnector.nio()))
          .isEqualTo(new Unavailable(Cause.UPSTREAM_UNAVAILABLE, Duration.ofSeconds(2)));
      assertThat(service.requests()).isEmpty();
    }
  }

  @Test
  void trusted_server_of_another_name_is_not_called() throws GeneralSecurityException {
    try (FakeTokenService service = tlsService()) {
      assertThat(issue("https://127.0.0.1:" + service.port(), trusting()))
          .isEqualTo(new Unavailable(Cause.UPSTREAM_UNAVAILABLE, Duration.ofSeconds(2)));
      assertThat(service.requests()).isEmpty();
    }
  }

  @Test
  void clear_text_server_at_an_https_address_is_not_called() {
    try (FakeTokenService service = FakeTokenService.issuing()) {
      assertThat(issue("https://127.0.0.1:" + service.port(), NettyConnector.nio()))
          .isEqualTo(new Unavailable(Cause.UPSTREAM_UNAVAILABLE, Duration.ofSeconds(2)));
      assertThat(service.requests()).isEmpty();
    }
  }

  @Test
  void service_is_reached_through_the_proxy_of_the_environment() throws GeneralSecurityException {
    ProxySelector before = ProxySelector.getDefault();
    try (FakeTokenService service = tlsService();
        ConnectProxy proxy = ConnectProxy.to(service.port())) {
      EnvironmentProxies.install(
          Map.of("HTTPS_PROXY", "http://127.0.0.1:" + proxy.port(), "NO_PROXY", "other.invalid"));
      // Nothing but the proxy can reach a host of this name.
      MomentoTokenIssuerTest.issued(issue("https://token.invalid", trusting()));
      assertThat(service.requests()).hasSize(1);
      assertThat(proxy.requests()).containsExactly("CONNECT token.invalid:443 HTTP/1.1");
      MomentoTokenIssuerTest.issued(issue("https://localhost:" + service.port(), trusting()));
      assertThat(proxy.requests()).hasSize(1);
    } finally {
      ProxySelector.setDefault(before);
    }
  }

  private static IssueResult issue(String address, TokenServiceConnector connector) {
    try (IssuingRow issuer =
        new IssuingRow(
            MomentoTokenIssuerTest.fixed(MomentoTokenIssuerTest.key("raw-key")),
            Optional.of(MomentoTokenIssuerTest.address(address)),
            connector,
            Duration.ofSeconds(50),
            new CountingBudget(),
            InstantSource.system(),
            System::nanoTime,
            RandomGenerator.getDefault())) {
      return issuer.issue(Grants.of("ReadOnly cache=a"), Grants.HERE);
    }
  }

  private static FakeTokenService tlsService() throws GeneralSecurityException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD);
    ServerCredentials credentials =
        TlsServerCredentials.newBuilder().keyManager(keys.getKeyManagers()).build();
    return new FakeTokenService((request, number) -> FakeTokenService.good(), credentials, 0);
  }

  private TokenServiceConnector trusting() throws GeneralSecurityException {
    KeyStore certificates = KeyStore.getInstance(KeyStore.getDefaultType());
    try {
      certificates.load(null, PASSWORD);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    certificates.setCertificateEntry("server", store.getCertificate("server"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(certificates);
    return NettyConnector.nio().trusting(trust);
  }
}
