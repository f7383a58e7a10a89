package tokenvending.runtime;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.runtime.KeptConnection.Answer;

/** What comes over the socket, byte by byte as a test writes it down. */
@Timeout(30)
final class KeptConnectionTest {
  private static final byte[] NOTHING = new byte[0];
  private static final String GET = "GET /next HTTP/1.1\r\n";
  private static final String FINE = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine";

  private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

  private final AtomicInteger connections = new AtomicInteger();
  private final List<String> asked = new ArrayList<>();

  /** For each connection, what is said after each question; then it is closed. */
  private final Queue<List<byte[]>> script = new ArrayDeque<>();

  private final ServerSocket server = listening();
  private final KeptConnection connection =
      new KeptConnection("127.0.0.1:" + server.getLocalPort());

  private static ServerSocket listening() {
    try {
      return new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serve(List<List<byte[]>> connections) {
    script.addAll(connections);
    Thread.ofVirtual().start(this::answer);
  }

  private void serve(String... answers) {
    serve(List.of(List.of(answers).stream().map(text -> text.getBytes(ISO_8859_1)).toList()));
  }

  private void answer() {
    try {
      for (List<byte[]> answers = script.poll(); answers != null; answers = script.poll()) {
        try (Socket socket = server.accept()) {
          connections.incrementAndGet();
          socket.setTcpNoDelay(true);
          for (byte[] answer : answers) {
            String question = question(socket.getInputStream());
            if (question.isEmpty()) {
              break;
            }
            synchronized (asked) {
              asked.add(question);
            }
            OutputStream out = socket.getOutputStream();
            if (answer.length < 1_000) {
              for (byte one : answer) {
                out.write(one);
              }
            } else {
              out.write(answer);
            }
          }
        }
      }
    } catch (IOException e) {
      // The test ended first.
    }
  }

  private static String question(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      head.write(next);
    }
    String text = head.toString(ISO_8859_1);
    int at = text.indexOf("Content-Length: ");
    if (at < 0) {
      return text;
    }
    int length = Integer.parseInt(text.substring(at + 16, text.indexOf('\r', at)));
    return text + new String(in.readNBytes(length), UTF_8);
  }

  @AfterEach
  void close() throws IOException {
    connection.close();
    server.close();
  }

  private String body() throws IOException {
    return new String(connection.ask(GET, NOTHING).body(), UTF_8);
  }

  @Test
  void question_is_what_HTTP_wants_and_the_connection_is_kept() throws IOException {
    serve(FINE, FINE);
    assertThat(body()).isEqualTo("fine");
    Answer answer = connection.ask("POST /x HTTP/1.1\r\nA: b\r\n", "{\"é\":1}".getBytes(UTF_8));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(asked)
        .containsExactly(
            "GET /next HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n".formatted(server.getLocalPort()),
            "POST /x HTTP/1.1\r\nA: b\r\nHost: 127.0.0.1:%d\r\nContent-Length: 8\r\n\r\n{\"é\":1}"
                .formatted(server.getLocalPort()));
  }

  @Test
  void headers_are_found_however_they_are_written() throws IOException {
    serve(
        """
        HTTP/1.1 200 OK
        X-One:  a b\s
        lambda-RUNTIME-x:y
        content-LENGTH: 2

        ok\
        """);
    Answer answer = connection.ask(GET, NOTHING);

    assertThat(answer.headers())
        .containsEntry("x-one", "a b")
        .containsEntry("lambda-runtime-x", "y");
    assertThat(answer.body()).asString().isEqualTo("ok");
  }

  @Test
  void chunks_are_put_together_and_what_follows_them_is_the_next_answer() throws IOException {
    serve(CHUNKED + "3;name=value\r\none\r\nA\r\n two three\r\n0\r\nTrailer: x\r\n\r\n", FINE);

    assertThat(body()).isEqualTo("one two three");
    assertThat(body()).isEqualTo("fine");
  }

  @Test
  void answer_without_a_length_ends_with_its_connection() throws IOException {
    List<byte[]> first = List.of("HTTP/1.1 200 OK\r\n\r\nall of it".getBytes(UTF_8));
    serve(List.of(first, List.of(FINE.getBytes(UTF_8))));

    assertThat(body()).isEqualTo("all of it");
    assertThat(body()).isEqualTo("fine");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nfine",
        "HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nfine"
      })
  void connection_that_is_announced_to_close_is_not_asked_again(String last) throws IOException {
    List<byte[]> first = List.of(last.getBytes(UTF_8), FINE.getBytes(UTF_8));
    serve(List.of(first, List.of(FINE.getBytes(UTF_8))));

    assertThat(body()).isEqualTo("fine");
    assertThat(body()).isEqualTo("fine");
    assertThat(connections).hasValue(2);
  }

  @Test
  void connection_that_was_closed_meanwhile_costs_a_second_try() throws IOException {
    List<byte[]> once = List.of(FINE.getBytes(UTF_8));
    serve(List.of(once, once));

    assertThat(body()).isEqualTo("fine");
    assertThat(body()).isEqualTo("fine");
  }

  @Test
  void fresh_connection_that_says_nothing_is_not_tried_again() {
    serve(List.of(List.of(NOTHING), List.of(FINE.getBytes(UTF_8))));

    assertThatThrownBy(this::body).isInstanceOf(IOException.class);
  }

  @Test
  void announcements_are_passed_over() throws IOException {
    serve("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + FINE);

    assertThat(body()).isEqualTo("fine");
  }

  @Test
  void large_answer_comes_whole() throws IOException {
    String large = "x".repeat(6_000_000);
    serve("HTTP/1.1 200 OK\r\nContent-Length: 6000000\r\n\r\n" + large, FINE);

    assertThat(body()).isEqualTo(large);
    assertThat(body()).isEqualTo("fine");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH_9.6\r\n\r\n",
        "HTTP/2 200\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfine",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 33554433\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nfour\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Enc"
      })
  void nonsense_is_an_error(String answer) {
    serve(answer);

    assertThatThrownBy(this::body).isInstanceOf(IOException.class);
  }

  @Test
  void head_and_announcements_without_end_are_an_error() {
    serve("HTTP/1.1 200 OK\r\n" + "X: y\r\n".repeat(20_000));
    assertThatThrownBy(this::body).isInstanceOf(IOException.class).hasMessageContaining("head");

    serve("HTTP/1.1 100 Continue\r\n\r\n".repeat(100));
    assertThatThrownBy(this::body)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("announces");
  }

  @Test
  void an_address_has_a_port() {
    assertThatThrownBy(() -> new KeptConnection("")).isInstanceOf(IllegalArgumentException.class);
  }
}
