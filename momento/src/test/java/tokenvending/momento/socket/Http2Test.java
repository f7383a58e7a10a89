package tokenvending.momento.socket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.momento.FailureCause;
import tokenvending.momento.GrpcStatus;
import tokenvending.momento.TokenServiceReply;
import tokenvending.momento.TokenServiceReply.Answer;
import tokenvending.momento.TokenServiceReply.BrokenOff;
import tokenvending.momento.TokenServiceReply.Failed;
import tokenvending.momento.TokenServiceReply.Unreadable;

/** Against another side that is written frame by frame, and may be as odd as it likes. */
@Timeout(30)
final class Http2Test {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int WINDOW_UPDATE = 8;
  private static final int CONTINUATION = 9;
  private static final int PREFACE = 24;

  private final CountDownLatch settled = new CountDownLatch(1);
  private final Socket ourEnd;
  private final Socket theirEnd;
  private final OutputStream theirs;
  private final DataInputStream toThem;
  private final Http2 http;
  private Thread reading = Thread.currentThread();

  private record Frame(int kind, int flags, int stream, ByteString payload) {}

  Http2Test() throws IOException {
    try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      ourEnd = new Socket(listening.getInetAddress(), listening.getLocalPort());
      theirEnd = listening.accept();
    }
    theirs = theirEnd.getOutputStream();
    toThem = new DataInputStream(theirEnd.getInputStream());
    http =
        new Http2(
            ourEnd.getInputStream(),
            ourEnd.getOutputStream(),
            open -> settled.countDown(),
            System::nanoTime);
  }

  @BeforeEach
  void begin() throws IOException {
    http.begin();
    assertThat(new String(toThem.readNBytes(PREFACE), UTF_8)).startsWith("PRI * HTTP/2.0");
    assertThat(next().kind()).isEqualTo(SETTINGS);
    reading = Thread.ofVirtual().start(http::read);
  }

  @AfterEach
  void end() throws IOException {
    theirEnd.close();
    ourEnd.close();
  }

  private Frame next() throws IOException {
    int size = (toThem.readUnsignedByte() << 16) | toThem.readUnsignedShort();
    int kind = toThem.readUnsignedByte();
    int flags = toThem.readUnsignedByte();
    int stream = toThem.readInt();
    return new Frame(kind, flags, stream, ByteString.copyFrom(toThem.readNBytes(size)));
  }

  private void say(int kind, int flags, int stream, byte... payload) throws IOException {
    theirs.write(frame(kind, flags, stream, payload));
    theirs.flush();
  }

  private static byte[] frame(int kind, int flags, int stream, byte... payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .putInt((payload.length << 8) | kind)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  private static byte[] number(int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  private static byte[] setting(int name, int value) {
    return ByteBuffer.allocate(6).putShort((short) name).putInt(value).array();
  }

  private static byte[] fields(String... namesAndValues) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      Hpack.write(namesAndValues[i], namesAndValues[i + 1], block);
    }
    return block.toByteArray();
  }

  /** Says its settings, and reads that they were taken. */
  private void settle(byte... settings) throws IOException, InterruptedException {
    say(SETTINGS, 0, 0, settings);
    assertThat(settled.await(5, TimeUnit.SECONDS)).isTrue();
    assertThat(next()).satisfies(ack -> assertThat(ack.flags()).isEqualTo(1));
  }

  private CompletableFuture<TokenServiceReply> call(int size) {
    return call(size, Duration.ofSeconds(10));
  }

  private CompletableFuture<TokenServiceReply> call(int size, Duration patience) {
    CompletableFuture<TokenServiceReply> reply = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () ->
                reply.complete(
                    http.call(
                        fields(":method", "POST"),
                        new byte[size],
                        System.nanoTime() + patience.toNanos())));
    return reply;
  }

  private static final byte[] MESSAGE = {0, 0, 0, 0, 3, 'a', 'b', 'c'};

  private static final Failed TOO_SLOW =
      new Failed(GrpcStatus.DEADLINE_EXCEEDED, FailureCause.Network.DEADLINE);

  private static final TokenServiceReply ABC = new Answer(ByteString.copyFromUtf8("abc"));

  private void answer(int stream) throws IOException {
    say(HEADERS, 4, stream, fields(":status", "200"));
    say(DATA, 0, stream, MESSAGE);
    say(HEADERS, 5, stream, fields("grpc-status", "0"));
  }

  @Test
  void message_is_sent_and_its_answer_read() throws IOException, InterruptedException {
    settle();
    CompletableFuture<TokenServiceReply> reply = call(8);
    Frame headers = next();
    assertThat(headers.kind()).isEqualTo(HEADERS);
    assertThat(headers.stream()).isEqualTo(1);
    Frame data = next();
    assertThat(data.kind()).isEqualTo(DATA);
    assertThat(data.flags()).isEqualTo(1);
    assertThat(data.payload().size()).isEqualTo(8);
    answer(1);
    assertThat(reply.join()).isEqualTo(ABC);
    Frame update = next();
    assertThat(update.kind()).isEqualTo(WINDOW_UPDATE);
    assertThat(update.payload().toByteArray()).isEqualTo(number(MESSAGE.length));
  }

  @Test
  void padding_priority_early_hints_and_pieces_are_understood()
      throws IOException, InterruptedException {
    settle();
    CompletableFuture<TokenServiceReply> reply = call(8);
    next();
    say(HEADERS, 4, 1, fields(":status", "103"));
    byte[] status = fields(":status", "200");
    // Padded by three, with a priority, and its second half in a frame of its own.
    ByteBuffer padded = ByteBuffer.allocate(1 + 5 + 4 + 3);
    padded.put((byte) 3).put(new byte[5]).put(status, 0, 4);
    say(HEADERS, 8 | 0x20, 1, padded.array());
    byte[] rest = new byte[status.length - 4];
    System.arraycopy(status, 4, rest, 0, rest.length);
    say(CONTINUATION, 4, 1, rest);
    // Two octets of padding behind four of the prefix.
    say(DATA, 8, 1, new byte[] {2, 0, 0, 0, 0, 0, 0});
    say(0x20, 0xff, 1, (byte) 1);
    say(DATA, 0, 1, (byte) 3, (byte) 'a', (byte) 'b', (byte) 'c');
    say(HEADERS, 5, 1, fields("grpc-status", "0"));
    assertThat(reply.join()).isEqualTo(ABC);
  }

  @Test
  void no_more_is_sent_than_the_other_side_takes() throws IOException, InterruptedException {
    settle(setting(4, 10));
    CompletableFuture<TokenServiceReply> reply = call(25);
    next();
    assertThat(next().payload().size()).isEqualTo(10);
    // Nothing else before the answer to a ping.
    say(PING, 0, 0, new byte[8]);
    assertThat(next().kind()).isEqualTo(PING);
    say(WINDOW_UPDATE, 0, 1, number(5));
    assertThat(next().payload().size()).isEqualTo(5);
    // More for every stream, by the difference.
    say(SETTINGS, 0, 0, setting(4, 30));
    Frame one = next();
    Frame other = next();
    Frame data = one.kind() == DATA ? one : other;
    assertThat(data.payload().size()).isEqualTo(10);
    assertThat(data.flags()).isEqualTo(1);
    answer(1);
    assertThat(reply.join()).isEqualTo(ABC);
  }

  @Test
  void calls_wait_where_there_are_too_many() throws IOException, InterruptedException {
    settle(setting(3, 1));
    CompletableFuture<TokenServiceReply> first = call(8);
    next();
    next();
    CompletableFuture<TokenServiceReply> second = call(8);
    Thread.sleep(100);
    assertThat(toThem.available()).isZero();
    answer(1);
    assertThat(first.join()).isEqualTo(ABC);
    Frame sent = next();
    while (sent.kind() != DATA) {
      sent = next();
    }
    assertThat(sent.stream()).isEqualTo(3);
    answer(3);
    assertThat(second.join()).isEqualTo(ABC);
  }

  @Test
  void who_has_waited_enough_resets_his_stream() throws IOException, InterruptedException {
    settle();
    CompletableFuture<TokenServiceReply> reply = call(8, Duration.ofMillis(200));
    next();
    next();
    assertThat(reply.join()).isEqualTo(TOO_SLOW);
    Frame reset = next();
    assertThat(reset.kind()).isEqualTo(RST_STREAM);
    assertThat(reset.payload().toByteArray()).isEqualTo(number(8));
    // What still comes of it is nobody's.
    answer(1);
    CompletableFuture<TokenServiceReply> another = call(8);
    Frame sent = next();
    while (sent.kind() != DATA) {
      sent = next();
    }
    answer(sent.stream());
    assertThat(another.join()).isEqualTo(ABC);
  }

  @ParameterizedTest
  @CsvSource({"7, UNAVAILABLE", "11, RESOURCE_EXHAUSTED", "8, ", "2, "})
  void refused_streams_have_done_nothing_and_others_were_broken_off(int error, GrpcStatus status)
      throws IOException, InterruptedException {
    settle();
    CompletableFuture<TokenServiceReply> reply = call(8);
    next();
    say(RST_STREAM, 0, 1, number(error));
    FailureCause cause = new FailureCause.StreamReset(error);
    assertThat(reply.join())
        .isEqualTo(status == null ? new BrokenOff(cause) : new Failed(status, cause));
    assertThat(http.isOver()).isFalse();
  }

  @Test
  void going_away_ends_what_was_not_begun_and_nothing_else()
      throws IOException, InterruptedException {
    settle();
    CompletableFuture<TokenServiceReply> first = call(8);
    next();
    next();
    CompletableFuture<TokenServiceReply> second = call(8);
    next();
    say(GOAWAY, 0, 0, ByteBuffer.allocate(8).putInt(1).array());
    assertThat(second.join()).isEqualTo(Failed.unavailable(FailureCause.Network.CONNECTION_CLOSED));
    assertThat(http.isOver()).isTrue();
    answer(1);
    assertThat(first.join()).isEqualTo(ABC);
    assertThat(call(8).join())
        .isEqualTo(Failed.unavailable(FailureCause.Network.CONNECTION_CLOSED));
    // Nobody needs the connection any more.
    reading.join();
  }

  @Test
  void who_goes_away_is_listened_to_no_longer_than_calls_are_under_way()
      throws IOException, InterruptedException {
    settle();
    CompletableFuture<TokenServiceReply> given = call(8, Duration.ofMillis(200));
    next();
    next();
    say(GOAWAY, 0, 0, ByteBuffer.allocate(8).putInt(1).array());
    assertThat(given.join()).isEqualTo(TOO_SLOW);
    say(PING, 0, 0, new byte[8]);
    reading.join();
  }

  @Test
  void answer_without_end_is_given_up() throws IOException, InterruptedException {
    settle();
    CompletableFuture<TokenServiceReply> reply = call(8);
    next();
    for (int i = 0; i < 5; i++) {
      say(DATA, 0, 1, new byte[16 * 1024]);
    }
    assertThat(reply.join()).isEqualTo(new Unreadable(FailureCause.Network.ANSWER_TOO_LONG));
    assertThat(http.isOver()).isFalse();
  }

  @Test
  void pings_are_answered() throws IOException, InterruptedException {
    settle();
    say(PING, 0, 0, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    Frame pong = next();
    assertThat(pong.kind()).isEqualTo(PING);
    assertThat(pong.flags()).isEqualTo(1);
    assertThat(pong.payload().toByteArray()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "004001 00 00 00000001", // too large
        "000004 05 04 00000001 00000002", // pushed
        "000001 09 04 00000001 88", // continued from nothing
        "000001 01 04 00000001 80", // no fields
        "000002 00 08 00000001 0900", // padded beyond itself
        "000001 08 00 00000000 01", // cut off
      })
  void nonsense_ends_the_connection(String nonsense) throws IOException, InterruptedException {
    settle();
    CompletableFuture<TokenServiceReply> reply = call(8);
    next();
    theirs.write(HexFormat.of().parseHex(nonsense.replace(" ", "")));
    theirs.flush();
    assertThat(reply.join()).isEqualTo(new Unreadable(FailureCause.Network.NOT_HTTP2));
    assertThat(http.isOver()).isTrue();
  }

  @Test
  void headers_without_end_are_given_up() throws IOException, InterruptedException {
    settle();
    CompletableFuture<TokenServiceReply> reply = call(8);
    next();
    say(HEADERS, 0, 1, fields("x", "y".repeat(8_000)));
    say(CONTINUATION, 0, 1, fields("x", "y".repeat(8_000)));
    say(CONTINUATION, 0, 1, fields("x", "y".repeat(8_000)));
    assertThat(reply.join()).isEqualTo(new Unreadable(FailureCause.Network.NOT_HTTP2));
  }

  @Test
  void what_says_no_settings_first_is_never_settled() throws IOException, InterruptedException {
    say(PING, 0, 0, new byte[8]);
    assertThat(call(8).join()).isInstanceOf(TokenServiceReply.class);
    assertThat(http.isOver()).isTrue();
    assertThat(settled.await(100, TimeUnit.MILLISECONDS)).isFalse();
  }

  /** Whatever is said, reading ends when the connection does, and never by another exception. */
  @Test
  void anything_at_all_is_read_to_its_end() {
    Random random = new Random(9113);
    for (int i = 0; i < 20_000; i++) {
      ByteArrayOutputStream said = new ByteArrayOutputStream();
      said.writeBytes(frame(SETTINGS, 0, 0));
      for (int frames = random.nextInt(6); frames > 0; frames--) {
        byte[] payload = new byte[random.nextInt(30)];
        random.nextBytes(payload);
        said.writeBytes(frame(random.nextInt(11), random.nextInt(256), random.nextInt(4), payload));
      }
      Http2 odd =
          new Http2(
              new ByteArrayInputStream(said.toByteArray()),
              OutputStream.nullOutputStream(),
              open -> {},
              System::nanoTime);
      odd.read();
      assertThat(odd.isOver()).isTrue();
    }
  }
}
