package tokenvending.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tokenvending.authentication.Argon2Hash;
import tokenvending.secret.Secret;

/**
 * A flood of requests that are rejected: it is limited, its audit is bounded, others are served.
 */
@Tag("T6")
@Tag("T15")
final class RejectionsTest {
  private static final int FLOOD = 3_000;

  private static final String PASSWORDS =
      """
      authentication:
        - password: { users: 'file:users.yaml' }
      rules:
        - id: everybody
          permissions:
            - { role: ReadOnly, cache: chat }
      limits: { per-caller: 100000/s }
      """;

  /** Nothing listens there. */
  private static final String ISSUER = "http://127.0.0.1:1";

  private static final String UNREACHABLE_ISSUER =
      PASSWORDS.replace(
          "  - password: { users: 'file:users.yaml' }",
          "  - oidc: { issuer: '" + ISSUER + "', audience: chat, required: false }");

  private static final String OPEN = Vendor.OPEN + "limits: { per-caller: 100000/s }\n";

  @TempDir private Path folder;

  @Test
  void requests_without_a_credential_soon_get_429_and_nobody_else_does() throws IOException {
    Files.writeString(
        folder.resolve("users.yaml"),
        "ann: { hash: '%s' }\n"
            .formatted(Argon2Hash.of(Secret.of("right horse"), new SecureRandom()).text()));
    try (Vendor vendor = Vendor.start(folder, PASSWORDS).ready()) {
      String good = get("/", basic("ann", "right horse"));
      assertThat(vendor.ask(good).status()).isEqualTo(200);

      Map<Integer, Integer> statuses = flood(vendor, get("/", ""));
      assertThat(statuses.get(401)).isBetween(300, 600);
      assertThat(statuses.keySet()).containsOnly(401, 429);
      assertThat(vendor.audit().size()).isLessThan(600);
      assertThat(vendor.minted()).isEqualTo(1);

      assertThat(vendor.ask(good).status()).as("the same address").isEqualTo(200);
      assertThat(vendor.ask(get("/healthz", "")).status()).isEqualTo(200);
      assertThat(vendor.ask(get("/readyz", "")).status()).isEqualTo(200);
      assertThat(from("127.0.0.2", vendor, get("/", ""))).as("another address").isEqualTo(401);

      Map<Integer, Integer> bad = flood(vendor, get("/", "Authorization: Bearer x\r\n"));
      assertThat(bad.get(401)).isBetween(300, 600);
      assertThat(vendor.ask(good).status()).as("a credential that was good").isEqualTo(200);
    }
  }

  @Test
  void tokens_that_nobody_can_verify_are_limited_as_bad_ones_are() throws IOException {
    String token =
        Stream.of("{'alg':'RS256','kid':'1'}", "{'iss':'" + ISSUER + "','sub':'ann'}", "signature")
            .map(part -> part.replace('\'', '"').getBytes(UTF_8))
            .map(Base64.getUrlEncoder().withoutPadding()::encodeToString)
            .collect(Collectors.joining("."));
    try (Vendor vendor = Vendor.start(folder, UNREACHABLE_ISSUER).ready()) {
      Map<Integer, Integer> statuses =
          flood(vendor, get("/", "Authorization: Bearer " + token + "\r\n"));
      assertThat(statuses.keySet()).containsExactlyInAnyOrder(503, 429);
      assertThat(statuses.get(503)).isBetween(300, 600);
      assertThat(vendor.audit().size()).isLessThan(600);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /?colour=red, 400",
    "GET, /?permission=PublishSubscribe+cache%3Dall+topic%3Dall, 403",
    "GET, /nowhere, 404",
    "DELETE, /, 405",
    "POST, /healthz, 405",
  })
  void every_kind_of_rejection_is_limited(String method, String target, int status)
      throws IOException {
    try (Vendor vendor = Vendor.start(folder, OPEN).ready()) {
      Map<Integer, Integer> statuses =
          flood(
              vendor,
              method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n");
      assertThat(statuses.keySet()).containsExactlyInAnyOrder(status, 429);
      assertThat(statuses.get(status)).isBetween(300, 600);
      assertThat(vendor.audit().size()).isLessThan(600);
      assertThat(vendor.audit()).anyMatch(line -> line.contains("left-out"));
      assertThat(from("127.0.0.2", vendor, get("/?name=a", ""))).isEqualTo(200);
    }
  }

  private static Map<Integer, Integer> flood(Vendor vendor, String request) {
    Map<Integer, Integer> statuses = new TreeMap<>();
    try (Wire wire = Wire.to(vendor.port())) {
      for (int i = 0; i < FLOOD; i++) {
        Answer answer = wire.send(request).answer();
        statuses.merge(answer.status(), 1, Integer::sum);
        if (answer.status() == 429) {
          assertThat(answer.header("retry-after")).isEqualTo("1");
        }
      }
    }
    return statuses;
  }

  private static int from(String address, Vendor vendor, String request) throws IOException {
    Socket socket =
        new Socket(
            InetAddress.getLoopbackAddress(), vendor.port(), InetAddress.getByName(address), 0);
    try (Wire wire = Wire.over(socket)) {
      return wire.send(request).answer().status();
    }
  }

  private static String get(String target, String headers) {
    return "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers + "\r\n";
  }

  private static String basic(String user, String password) {
    String pair = user + ":" + password;
    return "Authorization: Basic "
        + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8))
        + "\r\n";
  }
}
