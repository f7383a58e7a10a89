package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.api.PageFolder;

/** Which host names a listener answers to, and which pages can cause a token in local use. */
@Tag("T20")
@Timeout(60)
final class HostTest {
  private static final String POLICY =
      Vendor.OPEN + "server: { management-port: 0, allowed-hosts: [tvm.example.com] }\n";

  @TempDir private static Path folder;
  private static Vendor keyed;
  private static Vendor local;

  @BeforeAll
  static void start() throws IOException {
    keyed = Vendor.start(Files.createDirectories(folder.resolve("keyed")), POLICY).ready();
    local =
        Vendor.startLocal(
                Files.createDirectories(folder.resolve("local")),
                POLICY,
                PageFolder.missing("No pages here."))
            .ready();
  }

  @AfterAll
  static void stop() {
    keyed.close();
    local.close();
  }

  @Test
  void a_rebound_name_gets_nothing_from_any_port() {
    for (Vendor vendor : List.of(keyed, local)) {
      int before = vendor.minted();
      for (String host :
          List.of("attacker.example", "attacker.example:" + vendor.port(), "0.0.0.0")) {
        for (String path : List.of("/", "/?name=a", "/healthz", "/readyz", "/nothing")) {
          Answer answer = vendor.ask(request("GET", path, host, ""));
          assertThat(answer.status()).as(path + " of " + host).isEqualTo(403);
          assertThat(answer.body()).contains("host-not-allowed").doesNotContain("authToken");
        }
        assertThat(vendor.ask(request("OPTIONS", "/", host, "")).status()).isEqualTo(403);
        for (String path : List.of("/healthz", "/readyz", "/metrics")) {
          assertThat(ask(management(vendor), request("GET", path, host, "")).status())
              .isEqualTo(403);
        }
      }
      assertThat(vendor.minted()).isEqualTo(before);
      assertThat(vendor.audit()).noneMatch(line -> line.contains("attacker.example"));
    }
  }

  @Test
  void names_of_this_machine_and_those_of_the_file_get_tokens() {
    for (Vendor vendor : List.of(keyed, local)) {
      for (String host :
          List.of(
              "localhost",
              "LOCALHOST.:1",
              "app.localhost",
              "127.0.0.1:" + vendor.port(),
              "[::1]:80",
              "[::ffff:127.0.0.1]",
              "tvm.example.com",
              "TVM.example.com:8443")) {
        assertThat(vendor.ask(request("GET", "/", host, "")).body()).as(host).contains("authToken");
        assertThat(ask(management(vendor), request("GET", "/metrics", host, "")).status())
            .as(host)
            .isEqualTo(200);
      }
    }
  }

  @Test
  void over_HTTP_2_the_answer_is_misdirected_and_each_name_counts() {
    int before = keyed.minted();
    String[] good = {":method", "GET", ":scheme", "http", ":path", "/", ":authority", "localhost"};
    String[] bad = good.clone();
    bad[7] = "attacker.example";
    assertThat(status(bad)).isEqualTo(421);
    String[] second = Arrays.copyOf(good, 10);
    second[8] = "host";
    second[9] = "attacker.example";
    assertThat(status(second)).isEqualTo(421);
    assertThat(keyed.minted()).isEqualTo(before);
    assertThat(status(good)).isEqualTo(200);
  }

  private static int status(String... fields) {
    try (Http2Wire wire = Http2Wire.to(keyed.port())) {
      byte[] request =
          Http2Wire.frame(
              Http2Wire.HEADERS,
              Http2Wire.END_STREAM | Http2Wire.END_HEADERS,
              1,
              Http2Wire.block(fields));
      assertThat(wire.sends(request)).isTrue();
      return wire.status(1);
    }
  }

  @Test
  void the_host_of_an_absolute_target_counts_and_the_header_does_not() {
    for (String scheme : List.of("http", "https", "HTTP")) {
      for (String target : List.of("://localhost:1/?name=a", "://127.0.0.1?name=a", "://[::1]/")) {
        assertThat(keyed.ask(request("GET", scheme + target, "localhost", "")).body())
            .as(scheme + target)
            .contains("authToken");
        assertThat(keyed.ask(request("GET", scheme + target, "attacker.example", "")).body())
            .as(scheme + target)
            .contains("authToken");
      }
      assertThat(keyed.ask(request("GET", scheme + "://localhost/healthz", "localhost", "")).body())
          .isEqualTo("ok\n");
      assertThat(
              keyed.ask(request("GET", scheme + "://attacker.example/", "localhost", "")).status())
          .isEqualTo(403);
    }
    assertThat(
            ask(management(keyed), request("HEAD", "http://a.example/healthz", "localhost", ""))
                .status())
        .isEqualTo(403);
    for (String target :
        List.of(
            "http:///",
            "http://",
            "http://user@localhost/",
            "http://user:word@localhost/",
            "http://localhost/#fragment",
            "ftp://localhost/",
            "//localhost/",
            "localhost/",
            "localhost:80",
            "http:/localhost/",
            "http:localhost")) {
      assertThat(keyed.ask(request("GET", target, "localhost", "")).status())
          .as(target)
          .isIn(400, 404);
    }
    assertThat(keyed.ask("GET http://localhost/ HTTP/1.1\r\n\r\n").status()).isEqualTo(400);
    assertThat(keyed.ask("GET http://localhost/?name=a HTTP/1.0\r\n\r\n").status()).isEqualTo(200);
    assertThat(keyed.ask("GET / HTTP/1.0\r\n\r\n").status()).isEqualTo(403);
    String body = "{\"name\":\"a\"}";
    assertThat(
            keyed
                .ask(
                    request(
                            "POST",
                            "http://localhost/",
                            "localhost",
                            "Content-Type: application/json\r\nContent-Length: "
                                + body.length()
                                + "\r\n")
                        + body)
                .body())
        .contains("authToken");
  }

  @Test
  void in_local_use_a_page_of_another_site_mints_nothing() {
    int recorded = local.audit().size();
    for (String site : List.of("cross-site", "same-site", "Cross-Site", "unknown")) {
      String headers = "Sec-Fetch-Site: " + site + "\r\n";
      for (String method : List.of("GET", "POST")) {
        String empty = method.equals("POST") ? "Content-Length: 0\r\n" : "";
        assertThat(local.ask(request(method, "/?name=a", "localhost", headers + empty)).status())
            .as(method + " " + site)
            .isEqualTo(403);
      }
      String navigation = "Sec-Fetch-Mode: navigate\r\nAccept: text/html\r\n";
      assertThat(local.ask(request("GET", "/?name=a", "localhost", headers + navigation)).status())
          .isEqualTo(403);
      assertThat(local.ask(request("GET", "/", "localhost", headers + navigation)).body())
          .as("a link to the first page")
          .contains("<html");
    }
    assertThat(local.audit().subList(recorded, local.audit().size()))
        .noneMatch(line -> line.contains("\"vended\""));
    for (String good :
        List.of(
            "Sec-Fetch-Site: same-origin\r\n",
            "Sec-Fetch-Site: none\r\n",
            "Sec-Fetch-Site: cross-site\r\nOrigin: http://localhost:5173\r\n",
            "Sec-Fetch-Site: cross-site\r\nOrigin: https://chat.example.com\r\n")) {
      assertThat(local.ask(request("GET", "/?name=a", "localhost", good)).body())
          .as(good)
          .contains("authToken");
    }
    for (String bad :
        List.of(
            "Origin: https://attacker.example\r\n",
            "Origin: null\r\n",
            "Origin: http://localhost\r\nOrigin: http://localhost\r\n")) {
      assertThat(local.ask(request("GET", "/?name=a", "localhost", bad)).status())
          .as(bad)
          .isEqualTo(403);
    }
  }

  @Test
  void hosts_of_a_changed_file_are_in_force_at_once() throws IOException {
    String named = request("GET", "/healthz", "later.example.com", "");
    Path own = Files.createDirectories(folder.resolve("later"));
    try (Vendor vendor = Vendor.start(own, Vendor.OPEN)) {
      assertThat(vendor.ask(named).status()).isEqualTo(403);
      vendor.server.change(
          vendor.configuration(Vendor.OPEN + "server: { allowed-hosts: [later.example.com] }\n"));
      assertThat(vendor.ask(named).status()).isEqualTo(200);
      vendor.server.change(vendor.configuration(Vendor.OPEN));
      assertThat(vendor.ask(named).status()).isEqualTo(403);
    }
  }

  @Test
  void probes_answer_HEAD_without_a_body() {
    for (Vendor vendor : List.of(keyed, local)) {
      for (int port : new int[] {vendor.port(), management(vendor)}) {
        for (String path : List.of("/healthz", "/readyz")) {
          try (Wire wire = Wire.to(port)) {
            Answer head = wire.send(request("HEAD", path, "localhost", "")).answer(false);
            assertThat(head.status()).as(path).isEqualTo(200);
            // What follows at once is the next answer: there was no body.
            Answer get = wire.send(request("GET", path, "localhost", "")).answer();
            assertThat(get.status()).isEqualTo(200);
            assertThat(head.header("content-length")).isEqualTo(get.header("content-length"));
          }
        }
      }
    }
  }

  private static int management(Vendor vendor) {
    return vendor.server.managementPort().orElseThrow();
  }

  private static Answer ask(int port, String request) {
    try (Wire wire = Wire.to(port)) {
      return wire.send(request).answer(!request.startsWith("HEAD"));
    }
  }

  private static String request(String method, String target, String host, String headers) {
    return method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n" + headers + "\r\n";
  }
}
