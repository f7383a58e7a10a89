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
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tokenvending.aws.Account.Credentials;
import tokenvending.aws.JsonService.Answer;
import tokenvending.aws.JsonService.Service;
import tokenvending.aws.JsonService.Way;

/** Against a service that does what no HTTP server lets one do. */
final class JsonServiceTest {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
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
    String line = in.readLine();
    if (line == null) {
      return false;
    }
    while (!line.isEmpty()) {
      line = in.readLine();
    }
    return in.skip(QUESTION.length) == QUESTION.length;
  }

  private JsonService service() {
    return new JsonService(Service.DYNAMODB, this::way, PATIENCE, InstantSource.system());
  }

  private Way way() {
    return new Way(
        new EnvironmentAccount(
            "us-west-2", new Credentials("AKIDEXAMPLE", "example", Optional.empty())),
        URI.create("http://127.0.0.1:" + server.getLocalPort()));
  }

  private static boolean say(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(UTF_8));
    out.flush();
    return true;
  }

  private static Answer ask(JsonService service) throws IOException {
    return service.ask("DynamoDB_20120810.UpdateItem", QUESTION);
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
    assertThat(new Answer(200, "{\"SecretString\":\"hunter2\"}", Optional.empty()))
        .hasToString("answer of status 200");
  }

  @Test
  void credentials_that_cannot_be_sent_are_not_repeated() throws IOException {
    Account account =
        new EnvironmentAccount(
            "us-west-2", new Credentials("AKIDEXAMPLE", "example", Optional.of("hunter2\nmore")));
    JsonService service =
        new JsonService(
            Service.DYNAMODB,
            () -> new Way(account, way().endpoint()),
            PATIENCE,
            InstantSource.system());

    assertThatThrownBy(() -> ask(service))
        .isInstanceOf(JsonService.BadSettingException.class)
        .hasNoCause()
        .hasMessageNotContaining("hunter2");

    assertThat(heard).hasValue(0);
  }
}
