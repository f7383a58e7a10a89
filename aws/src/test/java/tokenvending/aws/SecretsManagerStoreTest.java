package tokenvending.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.secret.SecretStore.Lookup;

/** Against a server that speaks as much of Secrets Manager's protocol as a look-up needs. */
final class SecretsManagerStoreTest {
  private record Answer(int status, String body) {}

  private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
  private final Queue<String> questions = new ConcurrentLinkedQueue<>();
  private final Queue<Headers> headers = new ConcurrentLinkedQueue<>();
  private final SecretsManagerStore store =
      new SecretsManagerStore(InstantSource.system(), System::nanoTime);
  private final HttpServer server;
  private final Map<String, String> settings;

  SecretsManagerStoreTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          headers.add(exchange.getRequestHeaders());
          questions.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          Answer answer = answers.size() > 1 ? answers.remove() : answers.element();
          byte[] body = answer.body().getBytes(UTF_8);
          exchange.getResponseHeaders().add("content-type", "application/x-amz-json-1.1");
          exchange.sendResponseHeaders(answer.status(), body.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
          }
        });
    server.start();
    settings =
        Map.of(
            "aws.endpointUrl", "http://127.0.0.1:" + server.getAddress().getPort(),
            "aws.region", "us-west-2",
            "aws.accessKeyId", "AKIDEXAMPLE",
            "aws.secretAccessKey", "example",
            "aws.sessionToken", "session");
  }

  @BeforeEach
  void settle() {
    settings.forEach(System::setProperty);
  }

  @AfterEach
  void stop() {
    store.disconnect();
    server.stop(0);
    settings.keySet().forEach(System::clearProperty);
  }

  @Test
  void a_secret_is_read_anew_each_time() {
    answers.add(new Answer(200, "{\"SecretString\":\" first\\n\"}"));
    answers.add(new Answer(200, "{\"SecretString\":\"second\"}"));
    assertThat(text("tvm/key")).isEqualTo("first");
    assertThat(text("tvm/key")).isEqualTo("second");
    assertThat(questions).allMatch(question -> question.contains("\"SecretId\":\"tvm/key\""));
  }

  @Test
  void it_works_again_after_it_was_disconnected() {
    answers.add(new Answer(200, "{\"SecretString\":\"a\"}"));
    assertThat(text("tvm/key")).isEqualTo("a");
    store.disconnect();
    assertThat(text("tvm/key")).isEqualTo("a");
  }

  @Test
  void what_is_not_there_or_no_text_is_unreadable_and_says_why() {
    answers.add(new Answer(400, "{\"__type\":\"ResourceNotFoundException\",\"Message\":\"hush\"}"));
    assertThat(store.find("tvm/key"))
        .isEqualTo(
            new Lookup.Unreadable(
                "the AWS secret tvm/key cannot be read (ResourceNotFoundException)"));
    answers.clear();
    answers.add(new Answer(200, "{\"SecretBinary\":\"AAAA\"}"));
    assertThat(store.find("tvm/key"))
        .isEqualTo(
            new Lookup.Unreadable("the AWS secret tvm/key cannot be read (it holds no text)"));
  }

  @Test
  void a_key_that_the_role_may_not_use_is_named_as_the_reason() {
    answers.add(
        new Answer(
            400,
            "{\"__type\":\"AccessDeniedException\",\"Message\":\"Access to KMS is not allowed\"}"));
    assertThat(store.find("momento-key"))
        .isEqualTo(
            new Lookup.Unreadable(
                "the AWS secret momento-key cannot be read (AccessDeniedException, the role has no"
                    + " access to its KMS key)"));
  }

  @Test
  void a_question_is_signed_and_names_its_operation() {
    answers.add(new Answer(200, "{\"SecretString\":\"a\"}"));
    assertThat(text("tvm/key")).isEqualTo("a");
    Headers sent = headers.element();
    assertThat(sent.getFirst("X-Amz-Target")).isEqualTo("secretsmanager.GetSecretValue");
    assertThat(sent.getFirst("X-Amz-Security-Token")).isEqualTo("session");
    assertThat(sent.getFirst("Authorization"))
        .startsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
        .contains("/us-west-2/secretsmanager/aws4_request")
        .contains("host;", "x-amz-date;", "x-amz-security-token;", "x-amz-target");
  }

  @Test
  void a_service_in_trouble_is_asked_once_more() {
    answers.add(new Answer(500, "{\"__type\":\"InternalServiceError\"}"));
    answers.add(new Answer(200, "{\"SecretString\":\"a\"}"));
    assertThat(text("tvm/key")).isEqualTo("a");
    answers.clear();
    answers.add(new Answer(503, "no JSON at all"));
    assertThat(store.find("tvm/key")).isInstanceOf(Lookup.Unreadable.class);
    assertThat(questions).hasSize(4);
  }

  @Test
  void a_rehearsal_needs_no_credentials_and_asks_nothing() throws IOException {
    System.clearProperty("aws.accessKeyId");
    System.clearProperty("aws.secretAccessKey");
    JsonService service =
        new JsonService(
            JsonService.Service.SECRETS_MANAGER,
            Duration.ofSeconds(1),
            InstantSource.system(),
            System::nanoTime);
    service.prime("secretsmanager.GetSecretValue", "{}".getBytes(UTF_8));
    service.close();
    assertThat(questions).isEmpty();
  }

  @Test
  void each_region_has_the_address_of_its_partition() throws IOException {
    assertThat(host("us-west-2", false)).isEqualTo("secretsmanager.us-west-2.amazonaws.com");
    assertThat(host("ap-southeast-7", false))
        .isEqualTo("secretsmanager.ap-southeast-7.amazonaws.com");
    assertThat(host("us-gov-west-1", false))
        .isEqualTo("secretsmanager.us-gov-west-1.amazonaws.com");
    assertThat(host("cn-north-1", false)).isEqualTo("secretsmanager.cn-north-1.amazonaws.com.cn");
    assertThat(host("us-iso-east-1", false)).isEqualTo("secretsmanager.us-iso-east-1.c2s.ic.gov");
    assertThat(host("us-east-1", true)).isEqualTo("secretsmanager-fips.us-east-1.amazonaws.com");
  }

  private static String host(String region, boolean fips) throws IOException {
    return JsonService.Service.SECRETS_MANAGER.endpoint(region, fips).getHost();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost:4566",
        "127.0.0.1:4566",
        "ftp://localhost",
        "file:///etc/passwd",
        "http://",
        "http://localhost:99999",
        "no address"
      })
  void an_endpoint_that_is_no_address_is_unreadable(String endpoint) {
    System.setProperty("aws.endpointUrl", endpoint);
    assertThat(store.find("tvm/key"))
        .isEqualTo(
            new Lookup.Unreadable("the AWS secret tvm/key cannot be read (BadSettingException)"));
    assertThat(questions).isEmpty();
  }

  @Test
  void a_service_out_of_reach_is_unreadable_within_its_patience() {
    server.stop(0);
    long started = System.nanoTime();
    assertThat(store.find("tvm/key")).isInstanceOf(Lookup.Unreadable.class);
    assertThat(System.nanoTime() - started).isLessThan(60_000_000_000L);
  }

  private String text(String name) {
    return switch (store.find(name)) {
      case Lookup.Found(var secret) -> secret.reveal();
      case Lookup.Unreadable(String problem) -> problem;
    };
  }
}
