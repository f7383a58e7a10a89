package tokenvending.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import tokenvending.authentication.Argon2Hash;
import tokenvending.observation.Input;
import tokenvending.secret.Secret;
import tokenvending.server.cli.CommandRun;
import tokenvending.server.http.TlsFiles;
import tokenvending.server.lifecycle.PolicyWatch;
import tokenvending.testing.Await;
import tokenvending.testing.Keytool;

/**
 * What is read again while a server runs and goes wrong: each input has a log line with its cause,
 * a metric, and its name in the management port's {@code /readyz}; the last good one stays in use.
 */
@Timeout(120)
final class RotationTest {
  private static final String READY = "GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  private static final String VEND = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  private static final String SIGNED_IN =
      "GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic "
          + Base64.getEncoder().encodeToString("ann:right horse".getBytes(UTF_8))
          + "\r\n\r\n";

  @TempDir private Path folder;

  private final Logger log = (Logger) LoggerFactory.getLogger("tokenvending");
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          lines.add(event.getFormattedMessage() + " " + event.getKeyValuePairs());
        }
      };

  @BeforeEach
  void listen() {
    appender.setContext(log.getLoggerContext());
    appender.start();
    log.addAppender(appender);
    log.setLevel(ch.qos.logback.classic.Level.INFO);
  }

  @AfterEach
  void listen_no_more() {
    log.detachAppender(appender);
    log.setLevel(null);
  }

  private static String readiness(Vendor vendor) {
    try (Wire wire = Wire.to(vendor.server.managementPort().orElseThrow())) {
      Answer answer = wire.send(READY).answer();
      assertThat(answer.status()).isEqualTo(200);
      return answer.body();
    }
  }

  private static double success(Vendor vendor, Input input) {
    return Scrape.of(vendor).value("tvm_reload_success{input=" + input.label() + "}");
  }

  private static double lastSuccess(Vendor vendor, Input input) {
    return Scrape.of(vendor)
        .value("tvm_reload_last_success_timestamp_seconds{input=" + input.label() + "}");
  }

  private long logged(String message) {
    return lines.stream().filter(line -> line.startsWith(message)).count();
  }

  /** Longer than anything is used before it is read again. */
  private static void elapse(Vendor vendor) {
    vendor.elapse(Duration.ofMinutes(1));
  }

  private static void readAgain(Vendor vendor) {
    elapse(vendor);
    assertThat(readiness(vendor)).contains("failedReloads");
  }

  private void readAgain(PolicyWatch watch) {
    String unchanged = "the policy file was read again: no change";
    long before = logged(unchanged);
    watch.reload();
    Await.until("it is read again", () -> logged(unchanged) > before);
  }

  /** From good to bad and back, as an operator sees it. */
  private void goesWrongAndRecovers(
      Vendor vendor,
      Runnable readAgain,
      Input input,
      Change breaks,
      String brokenLine,
      String cause,
      Change mends,
      String recoveredLine)
      throws IOException {
    assertThat(readiness(vendor)).doesNotContain("failedReloads");
    assertThat(success(vendor, input)).isEqualTo(1);
    double before = lastSuccess(vendor, input);
    long recoveries = logged(recoveredLine);
    breaks.make();
    Await.until(
        input + " is named",
        () -> {
          elapse(vendor);
          return readiness(vendor).contains("\"" + input.label() + "\":");
        });
    assertThat(readiness(vendor)).contains("\"failedReloads\":{").contains(cause);
    assertThat(success(vendor, input)).isZero();
    assertThat(logged(brokenLine)).isEqualTo(1);
    assertThat(lines).anyMatch(line -> line.startsWith(brokenLine) && line.contains(cause));
    String vend = input == Input.USERS ? SIGNED_IN : VEND;
    assertThat(vendor.ask(vend).status()).as("the last good one serves").isEqualTo(200);
    // Looked at again and again, told once.
    readAgain.run();
    readAgain.run();
    assertThat(logged(brokenLine)).isEqualTo(1);
    mends.make();
    Await.until(
        input + " is read again",
        () -> {
          elapse(vendor);
          return !readiness(vendor).contains("failedReloads");
        });
    assertThat(success(vendor, input)).isEqualTo(1);
    assertThat(lastSuccess(vendor, input)).isGreaterThan(before);
    assertThat(logged(recoveredLine)).isEqualTo(recoveries + 1);
  }

  /** Of a file. */
  private interface Change {
    void make() throws IOException;
  }

  private static String managed(String policy) {
    return policy + "server: { management-port: 0 }\n";
  }

  private static void replaceByOneThatFitsNoMemory(Path file) throws IOException {
    Path next = file.resolveSibling("next");
    try (RandomAccessFile sparse = new RandomAccessFile(next.toFile(), "rw")) {
      sparse.setLength(3L << 30);
    }
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void replaceByPipe(Path file) throws IOException {
    Files.delete(file);
    Process made = new ProcessBuilder("mkfifo", file.toString()).start();
    assertThat(made.onExit().join().exitValue()).isZero();
  }

  private static void replace(Path file, String text) throws IOException {
    Path next = Files.writeString(file.resolveSibling("next"), text);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void policy_that_breaks_or_vanishes_is_visible() throws IOException {
    try (Vendor vendor = Vendor.start(folder, managed(Vendor.OPEN)).ready();
        PolicyWatch watch =
            PolicyWatch.start(
                vendor.file("tvm.yaml"),
                read -> List.of(),
                vendor.server::change,
                vendor.server.policy())) {
      assertThat(watch).isNotNull();
      Path file = vendor.file("tvm.yaml");
      String good = Files.readString(file);
      goesWrongAndRecovers(
          vendor,
          () -> readAgain(watch),
          Input.POLICY,
          () -> replace(file, good.replace("role: ReadOnly", "role: ReadOnyl")),
          "the changed policy cannot be used; the old one stays in use",
          "rules[0].permissions[0].role",
          () -> replace(file, good),
          "the changed policy is in use");
      lines.clear();
      goesWrongAndRecovers(
          vendor,
          () -> readAgain(watch),
          Input.POLICY,
          () -> Files.delete(file),
          "the changed policy cannot be used; the old one stays in use",
          "tvm.yaml",
          () -> replace(file, good),
          "the changed policy is in use");
      lines.clear();
      goesWrongAndRecovers(
          vendor,
          () -> readAgain(watch),
          Input.POLICY,
          () -> replaceByOneThatFitsNoMemory(file),
          "the changed policy cannot be used; the old one stays in use",
          "is larger than 1 MiB",
          () -> replace(file, good),
          "the changed policy is in use");
    }
  }

  @Test
  void api_key_that_vanishes_or_is_emptied_is_visible() throws IOException {
    try (Vendor vendor = Vendor.start(folder, managed(Vendor.OPEN)).ready()) {
      Path file = vendor.file("key");
      String good = Files.readString(file);
      goesWrongAndRecovers(
          vendor,
          () -> readAgain(vendor),
          Input.API_KEY,
          () -> Files.delete(file),
          "the API key cannot be read; the last one stays in use",
          "key",
          () -> replace(file, good),
          "the API key can be read again");
    }
  }

  @Test
  void users_that_vanish_are_visible_and_the_last_ones_sign_in() throws IOException {
    Path file = folder.resolve("users");
    String good =
        "ann: { hash: '%s' }\n"
            .formatted(Argon2Hash.of(Secret.of("right horse"), new SecureRandom()).text());
    Files.writeString(file, good);
    String policy =
        managed(
            Vendor.OPEN
                .replace("- open: {}", "- password: { users: 'file:users' }")
                .replace("${request.name}", "${subject}"));
    try (Vendor vendor = Vendor.start(folder, policy).ready()) {
      goesWrongAndRecovers(
          vendor,
          () -> readAgain(vendor),
          Input.USERS,
          () -> Files.delete(file),
          "the users cannot be read; the last ones stay in use",
          "users",
          () -> replace(file, good),
          "the users can be read again");
      lines.clear();
      goesWrongAndRecovers(
          vendor,
          () -> readAgain(vendor),
          Input.USERS,
          () -> replaceByPipe(file),
          "the users cannot be read; the last ones stay in use",
          "is a pipe or a device",
          () -> replace(file, good),
          "the users can be read again");
    }
  }

  /** A certificate for localhost, and its key. */
  private record Pair(String certificate, String key) {}

  private Pair pair(String name, String... more) {
    KeyStore store = Keytool.selfSigned(folder, name, more);
    return new Pair(Keytool.certificate(store), Keytool.key(store));
  }

  /** The name in the certificate that a new connection is shown. */
  private static String shown(Vendor vendor) {
    X509TrustManager anyone =
        new X509TrustManager() {
          @Override
          public void checkClientTrusted(X509Certificate[] chain, String type) {}

          @Override
          public void checkServerTrusted(X509Certificate[] chain, String type) {}

          @Override
          public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
          }
        };
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {anyone}, null);
      try (SSLSocket socket =
          (SSLSocket)
              context
                  .getSocketFactory()
                  .createSocket(InetAddress.getLoopbackAddress(), vendor.port())) {
        socket.startHandshake();
        X509Certificate certificate =
            (X509Certificate) socket.getSession().getPeerCertificates()[0];
        return certificate.getSubjectX500Principal().getName();
      }
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError(e);
    }
  }

  private void write(Pair pair) throws IOException {
    replace(folder.resolve("cert.pem"), pair.certificate());
    replace(folder.resolve("key.pem"), pair.key());
  }

  private static final String TLS =
      "server: { management-port: 0, tls: { certificate: 'file:cert.pem', key: 'file:key.pem' }"
          + " }\n";

  @Test
  void replaced_certificate_is_shown_without_a_restart_and_a_pair_that_does_not_match_is_not()
      throws IOException, InterruptedException, GeneralSecurityException {
    Pair one = pair("one");
    Pair two = pair("two", "-keyalg", "RSA");
    Pair three = pair("three");
    write(one);
    try (Vendor vendor = Vendor.start(folder, Vendor.OPEN + TLS).ready()) {
      assertThat(shown(vendor)).isEqualTo("CN=one");
      assertThat(success(vendor, Input.TLS)).isEqualTo(1);
      write(two);
      Await.until("the second one is shown", () -> shown(vendor).equals("CN=two"));
      assertThat(logged("the changed TLS certificate is in use")).isEqualTo(1);
      assertThat(logged("the changed TLS files cannot be used")).isZero();
      double before = lastSuccess(vendor, Input.TLS);
      String broken = "the changed TLS files cannot be used; the last certificate stays in use";
      Pair expired = pair("expired", "-startdate", "-10d", "-validity", "5");
      // A date in the past, another key of the same kind, another kind of key, no key, no file.
      List<Change> breaks =
          List.of(
              () -> write(expired),
              () -> write(new Pair(one.certificate(), three.key())),
              () -> write(new Pair(one.certificate(), two.key())),
              () -> write(new Pair(one.certificate(), "")),
              () -> write(new Pair("no certificate", one.key())),
              () -> Files.delete(folder.resolve("key.pem")));
      for (Change change : breaks) {
        lines.clear();
        change.make();
        Await.until("it is named", () -> logged(broken) == 1);
        assertThat(readiness(vendor)).contains("\"failedReloads\":{\"tls\":");
        assertThat(success(vendor, Input.TLS)).isZero();
        assertThat(shown(vendor)).isEqualTo("CN=two");
      }
      write(three);
      Await.until("the third one is shown", () -> shown(vendor).equals("CN=three"));
      assertThat(success(vendor, Input.TLS)).isEqualTo(1);
      assertThat(lastSuccess(vendor, Input.TLS)).isGreaterThan(before);
      assertThat(readiness(vendor)).doesNotContain("failedReloads");
    }
  }

  @Test
  void key_of_another_certificate_starts_no_server_and_fails_the_check()
      throws IOException, InterruptedException, GeneralSecurityException {
    Pair one = pair("one");
    Pair two = pair("two");
    write(new Pair(one.certificate(), two.key()));
    assertThatThrownBy(() -> Vendor.start(folder, Vendor.OPEN + TLS).close())
        .isInstanceOf(TlsFiles.UnusableTls.class)
        .hasMessageContaining("does not belong to the first certificate");
    CommandRun check = CommandRun.line("check", folder.resolve("tvm.yaml").toString());
    assertThat(check.code()).isEqualTo(2);
    assertThat(check.err()).contains("server.tls").contains("does not belong");
    write(one);
    CommandRun good = CommandRun.line("check", folder.resolve("tvm.yaml").toString());
    assertThat(good.code()).as(good.err()).isZero();
    write(pair("old", "-startdate", "-10d", "-validity", "5"));
    CommandRun old = CommandRun.line("check", folder.resolve("tvm.yaml").toString());
    assertThat(old.code()).isZero();
    assertThat(old.err()).contains("expired at");
  }

  @Test
  void inputs_are_labeled() {
    assertThat(Stream.of(Input.values()).map(Input::label))
        .containsExactly("policy", "users", "api_key", "tls");
  }
}
