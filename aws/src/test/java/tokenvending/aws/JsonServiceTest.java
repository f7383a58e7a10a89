package tokenvending.aws;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.aws.Account.Credentials;
import tokenvending.aws.JsonService.Access;
import tokenvending.aws.JsonService.Response;
import tokenvending.aws.JsonService.Service;

/** Against a service that does what no HTTP server lets one do. */
final class JsonServiceTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final String TOO_LONG = "a response of AWS is too long";
  private static final byte[] QUESTION = "{}".getBytes(UTF_8);
  private static final String GOOD = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

  /** Answers one question; what ends without an answer closes the connection. */
  @FunctionalInterface
  private interface Behaviour {
    /** Whether there may be another question on the connection. */
    boolean answer(int question, OutputStream out) throws IOException;
  }

  private final ServerSocket server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
  private final AtomicInteger heard = new AtomicInteger();
  private final Semaphore ended = new Semaphore(0);
  private volatile Behaviour behaviour = (question, out) -> false;

  JsonServiceTest() throws IOException {
    Thread.ofVirtual().start(this::accept);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      BufferedReader in =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
      boolean more = true;
      while (more && hears(in)) {
        more = behaviour.answer(heard.incrementAndGet(), socket.getOutputStream());
      }
    } catch (IOException e) {
      // Whoever asked has gone.
    }
    ended.release();
  }

  /** Reads a question to its end; false where there is none. */
  private static boolean hears(BufferedReader in) throws IOException {
    String queue = in.readLine();
    if (queue == null) {
      return false;
    }
    while (!queue.isEmpty()) {
      queue = in.readLine();
    }
    return in.skip(QUESTION.length) == QUESTION.length;
  }

  private JsonService service() {
    return service(this::access, () -> 0);
  }

  private static JsonService service(JsonService.AccessFinder way, LongSupplier nanoTime) {
    return new JsonService(Service.DYNAMODB, way, TIMEOUT, InstantSource.system(), nanoTime);
  }

  private Access access() {
    return new Access(
        new EnvironmentAccount(
            "us-west-2", new Credentials("AKIDEXAMPLE", "example", Optional.empty())),
        URI.create("http://127.0.0.1:" + server.getLocalPort()));
  }

  private static boolean say(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(UTF_8));
    out.flush();
    return true;
  }

  private static Response ask(JsonService service) throws IOException {
    return service.call("DynamoDB_20120810.UpdateItem", QUESTION);
  }

  @Test
  void question_that_may_have_been_heard_is_not_sent_again() {
    JsonService service = service();

    assertThatThrownBy(() -> ask(service)).isInstanceOf(IOException.class);

    assertThat(heard).hasValue(1);
  }

  @Test
  void nor_is_one_on_a_connection_that_was_used_before() throws IOException {
    behaviour = (question, out) -> question == 1 && say(out, GOOD);
    JsonService service = service();

    assertThat(ask(service).status()).isEqualTo(200);
    assertThatThrownBy(() -> ask(service)).isInstanceOf(IOException.class);

    assertThat(heard).hasValue(2);
  }

  @Test
  void connection_that_ended_meanwhile_is_not_used() throws IOException, InterruptedException {
    behaviour = (question, out) -> !say(out, GOOD);
    JsonService service = service();

    assertThat(ask(service).status()).isEqualTo(200);
    ended.acquire();
    assertThat(ask(service).status()).isEqualTo(200);

    assertThat(heard).hasValue(2);
  }

  @Test
  void answer_does_not_show_what_it_holds() {
    assertThat(new Response(200, "{\"SecretString\":\"hunter2\"}", Optional.empty()))
        .hasToString("response of status 200");
  }

  @Test
  void credentials_that_cannot_be_sent_are_not_repeated() throws IOException {
    Account account =
        new EnvironmentAccount(
            "us-west-2", new Credentials("AKIDEXAMPLE", "example", Optional.of("hunter2\nmore")));
    JsonService service = service(() -> new Access(account, access().endpoint()), () -> 0);

    assertThatThrownBy(() -> ask(service))
        .isInstanceOf(JsonService.BadSettingException.class)
        .hasNoCause()
        .hasMessageNotContaining("hunter2");

    assertThat(heard).hasValue(0);
  }

  /** Of whatever length it says it has, and none. */
  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 9000000000", "Transfer-Encoding: chunked", "X-None: 1"})
  void answer_that_has_no_end_is_given_up_when_it_is_too_long(String length) {
    behaviour = (question, out) -> neverEnds(length, out);
    JsonService service = service();

    assertThatThrownBy(() -> ask(service)).isInstanceOf(IOException.class).hasMessage(TOO_LONG);

    assertThat(heard).hasValue(1);
  }

  @Test
  void answer_that_comes_in_drops_is_given_up_when_its_time_is_over() {
    behaviour = (question, out) -> neverEnds("X-None: 1", out);
    AtomicLong nanos = new AtomicLong();
    JsonService service = service(this::access, () -> nanos.getAndAdd(TIMEOUT.toNanos() / 3));

    assertThatThrownBy(() -> ask(service)).isInstanceOf(SocketTimeoutException.class);

    assertThat(heard).hasValue(1);
  }

  @Test
  void long_answer_is_read_to_its_end() throws IOException {
    String body = "0123456789".repeat(300_000);
    behaviour =
        (question, out) ->
            say(out, "HTTP/1.1 500 Oh\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);

    assertThat(ask(service()).body()).isEqualTo(body);
  }

  private static boolean neverEnds(String length, OutputStream out) throws IOException {
    boolean more = say(out, "HTTP/1.1 200 OK\r\n" + length + "\r\n\r\n");
    String part = length.endsWith("chunked") ? "3e8\r\n%s\r\n" : "%s";
    while (more) {
      more = say(out, part.formatted("x".repeat(1_000)));
    }
    return false;
  }

  @Test
  void who_asks_after_the_end_finds_no_account_that_nobody_would_close() {
    AtomicInteger found = new AtomicInteger();
    JsonService service =
        service(
            () -> {
              found.incrementAndGet();
              return access();
            },
            () -> 0);

    service.close();

    assertThatThrownBy(() -> ask(service)).isInstanceOf(IOException.class);
    assertThat(found).hasValue(0);
    assertThat(heard).hasValue(0);
  }
}
