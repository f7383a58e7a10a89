package tokenvending.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tokenvending.aws.JsonService.Access;
import tokenvending.aws.JsonService.Service;
import tokenvending.network.EnvironmentProxies;
import tokenvending.testing.ConnectProxy;

final class ProxyTest {
  @Test
  void aws_is_reached_through_the_proxy_of_the_environment() throws IOException {
    ProxySelector before = ProxySelector.getDefault();
    Account account =
        new EnvironmentAccount(
            "us-west-2", new Account.Credentials("AKIDEXAMPLE", "example", Optional.empty()));
    URI endpoint = URI.create("https://secretsmanager.us-west-2.invalid");
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        ConnectProxy proxy = ConnectProxy.to(silent.getLocalPort());
        JsonService service =
            new JsonService(
                Service.SECRETS_MANAGER,
                () -> new Access(account, endpoint),
                Duration.ofMillis(500),
                InstantSource.system(),
                System::nanoTime)) {
      EnvironmentProxies.install(Map.of("HTTPS_PROXY", "127.0.0.1:" + proxy.port()));
      assertThatThrownBy(() -> service.call("secretsmanager.GetSecretValue", "{}".getBytes(UTF_8)))
          .isInstanceOf(IOException.class);
      assertThat(proxy.requests())
          .isNotEmpty()
          .allMatch("CONNECT secretsmanager.us-west-2.invalid:443 HTTP/1.1"::equals);
    } finally {
      ProxySelector.setDefault(before);
    }
  }
}
