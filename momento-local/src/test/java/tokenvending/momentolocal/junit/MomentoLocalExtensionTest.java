package tokenvending.momentolocal.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** momento-local as other people's tests have it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
final class MomentoLocalExtensionTest {
  @RegisterExtension
  static final MomentoLocalExtension MOMENTO = MomentoLocalExtension.withCaches("chat");

  @Test
  void it_listens_during_the_tests_with_keys_of_its_own() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), MOMENTO.port())) {
      assertThat(socket.isConnected()).isTrue();
    }
    assertThat(MOMENTO.credentials().apiKey()).isNotBlank();
  }

  @Test
  void outside_of_tests_it_has_no_port() {
    MomentoLocalExtension unused = MomentoLocalExtension.withCaches();
    assertThatThrownBy(unused::port).isInstanceOf(IllegalStateException.class);
  }
}
