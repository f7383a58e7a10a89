package tokenvending.momentolocal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threat T20: a page from elsewhere uses what runs on the developer's machine. */
@Tag("T20")
class LoopbackGuardTest {

  private static final Pattern CONTENT_LENGTH =
      Pattern.compile("content-length: ([0-9]+)", Pattern.CASE_INSENSITIVE);

  private final LoopbackGuard guard = LoopbackGuard.of(Set.of(), Set.of());

  @Test
  void a_page_is_one_of_this_machine_by_its_host() {
    for (String host : new String[] {"localhost", "a.localhost:1", "127.0.0.1:8080", "[::1]:1"}) {
      assertThat(guard.allowsOrigin("http://" + host)).isTrue();
      assertThat(guard.allowsOrigin("https://" + host)).isTrue();
    }
    for (String host : new String[] {"evil.com", "localhost.evil.com", "0.0.0.0", "::1", "[::2]"}) {
      assertThat(guard.allowsOrigin("http://" + host)).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "",
        "localhost",
        "file://localhost",
        "ftp://localhost",
        "chrome-extension://localhost",
        "http://localhost/",
        "http://localhost@evil.com",
        "http://localhost http://evil.com"
      })
  void only_loopback_pages_by_http_are_origins(String origin) {
    assertThat(guard.allowsOrigin(origin)).isFalse();
  }

  @Test
  void more_is_allowed_only_by_option() {
    LoopbackGuard wider = LoopbackGuard.of(Set.of("Box.lan"), Set.of("https://app.Example"));
    assertThat(wider.allowsOrigin("http://box.lan:8080")).as("a host is not an origin").isFalse();
    assertThat(wider.allowsOrigin("https://app.example")).isTrue();
    assertThat(wider.allowsOrigin("http://app.example")).isFalse();
  }

  @Test
  void a_rebound_name_or_a_foreign_page_is_refused_before_anything_else() throws Exception {
    try (Local local = Local.start()) {
      for (String path : new String[] {"/cache_client.Ping/Ping", "/leaderboard.Leaderboard/X"}) {
        String good = "Host: 127.0.0.1:" + local.server.port() + "\r\n";
        assertThat(answer(local, "POST " + path, good)).startsWith("HTTP/1.1 200");
        assertThat(answer(local, "POST " + path, good + "Origin: http://localhost:5173\r\n"))
            .startsWith("HTTP/1.1 200");
        for (String site : new String[] {"same-origin", "none"}) {
          assertThat(answer(local, "POST " + path, good + "Sec-Fetch-Site: " + site + "\r\n"))
              .startsWith("HTTP/1.1 200");
        }
        for (String bad :
            new String[] {
              "Host: evil.com\r\n",
              "Host: evil.com:" + local.server.port() + "\r\n",
              good + "Origin: http://evil.com\r\n",
              good + "Origin: null\r\n",
              good + "Sec-Fetch-Site: cross-site\r\n",
              good + "Sec-Fetch-Site: same-site\r\n",
              good + "Origin: http://localhost\r\nOrigin: http://evil.com\r\n"
            }) {
          assertThat(answer(local, "POST " + path, bad))
              .startsWith("HTTP/1.1 403")
              .contains("not allowed");
          assertThat(
                  answer(local, "OPTIONS " + path, bad + "Access-Control-Request-Method: POST\r\n"))
              .startsWith("HTTP/1.1 403");
        }
      }
    }
  }

  @Test
  void a_refusal_names_only_settings_that_exist() throws Exception {
    try (Local local = Local.start();
        AdminServer admin =
            AdminServer.start(
                local.momento, local.server, new AdjustableClock(new SettableClock()), 0)) {
      assertThat(answer(local.server.port(), "POST /", "Host: evil.com\r\n"))
          .contains("--allow-host", "server.allowed-hosts", "nosniff");
      assertThat(answer(admin.port(), "POST /reset", "Host: evil.com\r\n"))
          .contains("use localhost", "nosniff")
          .doesNotContain("--allow");
      assertThat(
              answer(admin.port(), "POST /reset", "Host: localhost\r\nOrigin: http://evil.com\r\n"))
          .contains("only pages of this machine")
          .doesNotContain("--allow");
    }
  }

  @Test
  void a_rebound_name_is_refused_on_every_path() throws Exception {
    try (Local local = Local.start()) {
      for (String path : new String[] {"/", "/healthz", "/nothing"}) {
        assertThat(answer(local, "POST " + path, "Host: evil.com\r\n")).startsWith("HTTP/1.1 403");
        assertThat(answer(local, "POST " + path, "Host: localhost\r\n")).startsWith("HTTP/1.1 404");
      }
    }
  }

  private static String answer(Local local, String line, String headers) throws Exception {
    return answer(local.server.port(), line, headers);
  }

  private static String answer(int port, String line, String headers) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(60_000);
      socket
          .getOutputStream()
          .write(
              (line
                      + " HTTP/1.1\r\n"
                      + headers
                      + "content-type: application/grpc-web-text\r\n"
                      + "content-length: 8\r\nconnection: keep-alive\r\n\r\nAAAAAAA=")
                  .getBytes(StandardCharsets.ISO_8859_1));
      // Not to its end: the server keeps the connection for a while, to let the client close it.
      InputStream in = socket.getInputStream();
      StringBuilder answer = new StringBuilder();
      while (answer.indexOf("\r\n\r\n") < 0) {
        int next = in.read();
        assertThat(next).isNotNegative();
        answer.append((char) next);
      }
      Matcher length = CONTENT_LENGTH.matcher(answer);
      assertThat(length.find()).isTrue();
      byte[] body = in.readNBytes(Integer.parseInt(length.group(1)));
      return answer.append(new String(body, StandardCharsets.ISO_8859_1)).toString();
    }
  }
}
