package tokenvending.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.server.Http2Wire.ACK;
import static tokenvending.server.Http2Wire.CONTINUATION;
import static tokenvending.server.Http2Wire.DATA;
import static tokenvending.server.Http2Wire.END_HEADERS;
import static tokenvending.server.Http2Wire.END_STREAM;
import static tokenvending.server.Http2Wire.HEADERS;
import static tokenvending.server.Http2Wire.PADDED;
import static tokenvending.server.Http2Wire.PING;
import static tokenvending.server.Http2Wire.PRIORITY;
import static tokenvending.server.Http2Wire.PUSH_PROMISE;
import static tokenvending.server.Http2Wire.RST_STREAM;
import static tokenvending.server.Http2Wire.SETTINGS;
import static tokenvending.server.Http2Wire.WINDOW_UPDATE;
import static tokenvending.server.Http2Wire.block;
import static tokenvending.server.Http2Wire.frame;
import static tokenvending.server.Http2Wire.join;
import static tokenvending.server.Http2Wire.times;
import static tokenvending.server.Http2Wire.vend;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tokenvending.server.http.HttpSettings;

/**
 * What no client of good will sends over HTTP/2: nothing is vended for it, the connection ends or
 * what is sent is ignored, and others are answered.
 */
@Tag("T8")
@Tag("T9")
@Timeout(60)
final class Http2AbuseTest {
  private static final int WHOLE = END_HEADERS | END_STREAM;
  private static final byte[] NOTHING = {};
  private static final byte[] CANCEL = number(8);

  /** Thousands of frames, where four hundred frames are too many. */
  private static final int MANY = 2_000;

  /** Bytes: more than the system holds of what is on its way, in both directions. */
  private static final long MUCH = 24_000_000;

  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir private static Path folder;
  private static Vendor vendor;
  private static Vendor impatient;

  @BeforeAll
  static void start() throws IOException {
    vendor = Vendor.start(folder, Vendor.OPEN).ready();
    HttpSettings.Limits brief =
        new HttpSettings.Limits(
            200, Duration.ofSeconds(1), Duration.ofSeconds(3), Duration.ofSeconds(1));
    impatient = Vendor.start(Files.createTempDirectory(folder, "impatient"), Vendor.OPEN, brief);
  }

  @AfterAll
  static void stop() {
    vendor.close();
    impatient.close();
  }

  @AfterEach
  void others_are_answered() {
    int before = vendor.minted();
    try (Http2Wire wire = Http2Wire.to(vendor.port())) {
      wire.sends(frame(HEADERS, WHOLE, 1, vend()));
      assertThat(wire.status(1)).isEqualTo(200);
    }
    assertThat(vendor.ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").status()).isEqualTo(200);
    assertThat(vendor.minted()).isEqualTo(before + 2);
  }

  static Stream<Arguments> fatal() {
    Map<String, byte[]> frames = new TreeMap<>();
    byte[] open = frame(HEADERS, END_HEADERS, 1, vend());
    byte[] begun = frame(HEADERS, END_STREAM, 1, vend());
    frames.put("data without a stream", frame(DATA, END_STREAM, 0, NOTHING));
    frames.put("headers without a stream", frame(HEADERS, WHOLE, 0, vend()));
    frames.put("headers on a stream of the server's", frame(HEADERS, WHOLE, 2, vend()));
    frames.put("data on a stream that was never opened", frame(DATA, END_STREAM, 1, NOTHING));
    frames.put("reset of a stream that was never opened", frame(RST_STREAM, 0, 1, CANCEL));
    frames.put("window for a stream that was never opened", frame(WINDOW_UPDATE, 0, 1, number(1)));
    frames.put("headers that are larger than a frame", frame(HEADERS, WHOLE, 1, new byte[16_385]));
    frames.put("a frame of sixteen megabytes", frame(DATA, 0, 1, new byte[0xffffff]));
    frames.put("settings of five bytes", frame(SETTINGS, 0, 0, new byte[5]));
    frames.put("settings of a stream", join(open, frame(SETTINGS, 0, 1, NOTHING)));
    frames.put("acknowledged settings with settings", frame(SETTINGS, ACK, 0, new byte[6]));
    frames.put("settings: push neither on nor off", frame(SETTINGS, 0, 0, setting(2, 2)));
    frames.put("settings: a window above all", frame(SETTINGS, 0, 0, setting(4, 0x80000000)));
    frames.put("settings: frames of no size", frame(SETTINGS, 0, 0, setting(5, 1)));
    frames.put("ping of seven bytes", frame(PING, 0, 0, new byte[7]));
    frames.put("ping of a stream", join(open, frame(PING, 0, 1, new byte[8])));
    frames.put("reset of three bytes", join(open, frame(RST_STREAM, 0, 1, new byte[3])));
    frames.put("reset without a stream", frame(RST_STREAM, 0, 0, CANCEL));
    frames.put("window that grows by nothing", frame(WINDOW_UPDATE, 0, 0, number(0)));
    frames.put("window that grows too far", frame(WINDOW_UPDATE, 0, 0, number(0x7fffffff)));
    frames.put("window of three bytes", frame(WINDOW_UPDATE, 0, 0, new byte[3]));
    frames.put("continuation of nothing", frame(CONTINUATION, END_HEADERS, 1, vend()));
    frames.put("ping amid headers", join(begun, frame(PING, 0, 0, new byte[8])));
    frames.put("data amid headers", join(begun, frame(DATA, END_STREAM, 1, NOTHING)));
    frames.put(
        "continuation of another stream", join(begun, frame(CONTINUATION, END_HEADERS, 3, vend())));
    frames.put("push from a client", join(open, frame(PUSH_PROMISE, END_HEADERS, 1, number(2))));
    frames.put("padding longer than its frame", frame(HEADERS, WHOLE | PADDED, 1, new byte[] {9}));
    frames.put("padding of data longer than all", join(open, frame(DATA, PADDED, 1, bytes(9, 1))));
    frames.put("a field of no index", frame(HEADERS, WHOLE, 1, bytes(0x80)));
    frames.put("a field of an index beyond all", frame(HEADERS, WHOLE, 1, bytes(0xff, 0x7f)));
    frames.put("an index without end", frame(HEADERS, WHOLE, 1, times(20, bytes(0xff))));
    frames.put("a text that is cut short", frame(HEADERS, WHOLE, 1, bytes(0x00, 0x05, 'a')));
    frames.put("a table above what was said", frame(HEADERS, WHOLE, 1, bytes(0x3f, 0xff, 0xff, 3)));
    frames.put("Huffman's code with an end in it", frame(HEADERS, WHOLE, 1, endInText()));
    frames.put(
        "bytes that are no frames",
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(9).getBytes(UTF_8));
    return frames.entrySet().stream().map(one -> Arguments.of(one.getKey(), one.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("fatal")
  void a_connection_that_breaks_the_protocol_ends(String name, byte[] frames) {
    int before = vendor.minted();
    try (Http2Wire wire = Http2Wire.to(vendor.port())) {
      wire.sends(frames);
      assertThat(wire.endsWithin(SOON)).isTrue();
    }
    assertThat(vendor.minted()).isEqualTo(before);
  }

  @Test
  void another_preface_ends_the_connection() {
    int before = vendor.minted();
    try (Http2Wire wire = Http2Wire.silently(vendor.port())) {
      wire.sends(join("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n".getBytes(UTF_8), request(1)));
      assertThat(wire.endsWithin(SOON)).isTrue();
    }
    assertThat(vendor.minted()).isEqualTo(before);
  }

  static Stream<Arguments> malformed() {
    Map<String, byte[]> blocks = new TreeMap<>();
    blocks.put("no method", block(":scheme", "http", ":path", "/", ":authority", "localhost"));
    blocks.put("no path", block(":method", "GET", ":scheme", "http", ":authority", "localhost"));
    blocks.put("an empty path", target(""));
    blocks.put("a path that is none", target("name"));
    blocks.put("a path with a space", target("/ HTTP/1.1"));
    blocks.put("a path with a line end", target("/\r\nx: y"));
    blocks.put("two methods", join(block(":method", "GET"), vend()));
    blocks.put("two paths", join(block(":path", "/nowhere"), vend()));
    blocks.put("two authorities", join(block(":authority", "y"), vend()));
    blocks.put("two schemes", join(block(":scheme", "https"), vend()));
    blocks.put("a header before the path", join(block("a", "b"), vend()));
    blocks.put("a status", join(block(":status", "200"), vend()));
    blocks.put("an unknown word with a colon", join(block(":user", "ann"), vend()));
    blocks.put("a name with a space", vend("a b", "c"));
    blocks.put("no name", vend("", "c"));
    blocks.put("a value with a line end", vend("a", "b\r\nc: d"));
    blocks.put("a value with a zero", vend("a", "b\0c"));
    blocks.put("an encoding of transfer", vend("transfer-encoding", "chunked"));
    blocks.put("a word about the connection", vend("connection", "close"));
    blocks.put("a length where nothing follows", vend("content-length", "5"));
    blocks.put("two lengths", vend("content-length", "0", "content-length", "5"));
    blocks.put("a length with a sign", vend("content-length", "+0"));
    return blocks.entrySet().stream().map(one -> Arguments.of(one.getKey(), one.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  void a_malformed_request_is_refused_or_reset(String name, byte[] block) {
    int before = vendor.minted();
    try (Http2Wire wire = Http2Wire.to(vendor.port())) {
      wire.sends(frame(HEADERS, WHOLE, 1, block));
      // Some targets are answered for what they are: no address of this service.
      assertThat(wire.status(1)).isIn(0, 400, 404);
    }
    assertThat(vendor.minted()).isEqualTo(before);
  }

  @Test
  void a_stream_below_the_last_is_reset() {
    int before = vendor.minted();
    try (Http2Wire wire = Http2Wire.to(vendor.port())) {
      wire.sends(request(5));
      assertThat(wire.status(5)).isEqualTo(200);
      wire.sends(request(3));
      assertThat(wire.status(3)).isZero();
    }
    assertThat(vendor.minted()).isEqualTo(before + 1);
  }

  @Test
  void a_name_in_capitals_is_the_same_name() {
    int before = vendor.minted();
    try (Http2Wire wire = Http2Wire.to(vendor.port())) {
      wire.sends(frame(HEADERS, WHOLE, 1, vend("Authorization", "Basic eDp5")));
      assertThat(wire.status(1)).isEqualTo(401);
    }
    assertThat(vendor.minted()).isEqualTo(before);
  }

  @Test
  void a_body_of_another_length_than_was_said_is_no_request() {
    int before = vendor.minted();
    byte[] post =
        block(
            ":method",
            "POST",
            ":scheme",
            "http",
            ":path",
            "/",
            ":authority",
            "localhost",
            "content-type",
            "application/json",
            "content-length",
            "2");
    for (String body : new String[] {"{", "{} ", "{\"ttl\":60}"}) {
      try (Http2Wire wire = Http2Wire.to(vendor.port())) {
        wire.sends(
            join(
                frame(HEADERS, END_HEADERS, 1, post),
                frame(DATA, END_STREAM, 1, body.getBytes(UTF_8))));
        assertThat(wire.status(1)).isIn(0, 400);
      }
    }
    assertThat(vendor.minted()).isEqualTo(before);
  }

  static Stream<Arguments> tooLarge() {
    String text = "a".repeat(1024);
    byte[] nineOfThem = vend();
    for (int i = 0; i < 9; i++) {
      nineOfThem = join(nineOfThem, block("x-" + i, text));
    }
    return Stream.of(
        Arguments.of("nine kilobytes in one frame", frame(HEADERS, WHOLE, 1, nineOfThem)),
        Arguments.of(
            "fifteen kilobytes in one frame", frame(HEADERS, WHOLE, 1, vend("x", text.repeat(15)))),
        Arguments.of(
            "four megabytes out of five kilobytes", frame(HEADERS, WHOLE, 1, bomb(text.repeat(4)))),
        Arguments.of(
            "sixty-four kilobytes in continuations",
            join(
                frame(HEADERS, END_STREAM, 1, vend()),
                times(4, frame(CONTINUATION, 0, 1, block("x", text.repeat(15)))),
                frame(CONTINUATION, END_HEADERS, 1, NOTHING))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tooLarge")
  void a_block_of_headers_that_is_too_large_is_431_or_the_end(String name, byte[] frames) {
    int before = vendor.minted();
    try (Http2Wire wire = Http2Wire.to(vendor.port())) {
      wire.sends(frames);
      assertThat(wire.status(1)).isIn(0, 431);
    }
    assertThat(vendor.minted()).isEqualTo(before);
  }

  static Stream<Arguments> endless() {
    byte[] posted = frame(HEADERS, END_HEADERS, 1, vend());
    return Stream.of(
        Arguments.of(
            "continuations with nothing in them",
            frame(HEADERS, END_STREAM, 1, vend()),
            frame(CONTINUATION, 0, 1, NOTHING)),
        Arguments.of(
            "continuations with a byte in them",
            frame(HEADERS, END_STREAM, 1, vend("a", "b".repeat(100))),
            frame(CONTINUATION, 0, 1, bytes(0))),
        Arguments.of("data with nothing in it", posted, frame(DATA, 0, 1, NOTHING)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("endless")
  void a_flood_ends_the_connection(String name, byte[] first, byte[] again) {
    int before = vendor.minted();
    byte[] many = times(1_000, again);
    try (Http2Wire wire = Http2Wire.to(vendor.port())) {
      wire.sends(first);
      int sent = 0;
      while (sent < MANY && wire.sends(many)) {
        sent++;
      }
      assertThat(sent).as("thousands of frames until the server had enough").isLessThan(MANY);
    }
    assertThat(vendor.minted()).isEqualTo(before);
  }

  static Stream<Arguments> answered() {
    byte[] pings = times(1_000, frame(PING, 0, 0, new byte[8]));
    byte[] settings = times(1_000, frame(SETTINGS, 0, 0, NOTHING));
    byte[] pipelined =
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(1_000).getBytes(UTF_8);
    return Stream.of(
        Arguments.of("pings", true, thousands(i -> pings)),
        Arguments.of("settings", true, thousands(i -> settings)),
        Arguments.of("requests", true, thousands(Http2AbuseTest::requests)),
        Arguments.of("requests over HTTP/1.1", false, thousands(i -> pipelined)));
  }

  private static IntFunction<byte[]> thousands(IntFunction<byte[]> thousand) {
    return thousand;
  }

  private static byte[] requests(int thousand) {
    byte[] asked =
        block(":method", "GET", ":scheme", "http", ":path", "/healthz", ":authority", "localhost");
    byte[][] all = new byte[1_000][];
    for (int i = 0; i < all.length; i++) {
      all[i] = frame(HEADERS, WHOLE, 2 * (1_000 * thousand + i) + 1, asked);
    }
    return join(all);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("answered")
  void a_client_that_reads_no_answers_is_read_no_more(
      String name, boolean http2, IntFunction<byte[]> thousands) throws InterruptedException {
    int before = vendor.minted();
    try (Http2Wire wire = http2 ? Http2Wire.to(vendor.port()) : Http2Wire.silently(vendor.port())) {
      AtomicLong sent = new AtomicLong();
      Thread sending = flood(wire, thousands, sent);
      long seen = -1;
      // Until nothing more goes out for half a second; the connection would end after twenty.
      while (sending.isAlive() && seen != sent.get()) {
        seen = sent.get();
        sending.join(Duration.ofMillis(500));
      }
      assertThat(sending.isAlive()).as("waits to send").isTrue();
      assertThat(sent.get()).as("bytes that fit on the way").isLessThan(MUCH);
    }
    assertThat(vendor.minted()).isEqualTo(before);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("answered")
  void a_client_that_reads_no_answers_is_cut_off(
      String name, boolean http2, IntFunction<byte[]> thousands) throws InterruptedException {
    int before = impatient.minted();
    try (Http2Wire wire =
        http2 ? Http2Wire.to(impatient.port()) : Http2Wire.silently(impatient.port())) {
      AtomicLong sent = new AtomicLong();
      assertThat(flood(wire, thousands, sent).join(SOON)).as("ends").isTrue();
      assertThat(sent.get()).isLessThan(MUCH);
    }
    assertThat(impatient.minted()).isEqualTo(before);
  }

  /** Sends until there is no connection any more, or far too much was taken. */
  private static Thread flood(Http2Wire wire, IntFunction<byte[]> thousands, AtomicLong sent) {
    return Thread.ofVirtual()
        .start(
            () -> {
              byte[] next = thousands.apply(0);
              for (int i = 1; sent.get() < MUCH && wire.sends(next); i++) {
                sent.addAndGet(next.length);
                next = thousands.apply(i);
              }
            });
  }

  static Stream<Arguments> ignored() {
    return Stream.of(
        Arguments.of("priorities", frame(PRIORITY, 0, 1, bytes(0, 0, 0, 3, 7))),
        Arguments.of("frames of an unknown kind", frame(0xee, 0, 0, new byte[8])),
        Arguments.of("answers to pings that nobody sent", frame(PING, ACK, 0, new byte[8])),
        Arguments.of("window after window", frame(WINDOW_UPDATE, 0, 0, number(1))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ignored")
  void a_flood_that_asks_for_nothing_costs_others_nothing(String name, byte[] again) {
    int before = vendor.minted();
    byte[] many = times(1_000, again);
    try (Http2Wire wire = Http2Wire.to(vendor.port())) {
      for (int i = 0; i < 100 && wire.sends(many); i++) {
        if (i == 50) {
          String probe = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
          assertThat(vendor.ask(probe).status()).isEqualTo(200);
        }
      }
    }
    assertThat(vendor.minted()).isEqualTo(before);
  }

  @Test
  void requests_that_are_reset_at_once_end_the_connection_and_vend_nothing() {
    int before = vendor.minted();
    try (Http2Wire wire = Http2Wire.to(vendor.port())) {
      int sent = 0;
      for (; sent < 5_000; sent++) {
        int stream = 2 * sent + 1;
        byte[] both =
            join(frame(HEADERS, END_HEADERS, stream, vend()), frame(RST_STREAM, 0, stream, CANCEL));
        if (!wire.sends(both)) {
          break;
        }
      }
      assertThat(wire.endsWithin(SOON)).isTrue();
    }
    assertThat(vendor.minted()).isEqualTo(before);
  }

  @Test
  void whole_requests_that_are_reset_at_once_vend_no_more_than_the_connection_lasts()
      throws IOException {
    // One of its own, for what was begun may go on for a moment.
    try (Vendor busy = Vendor.start(Files.createTempDirectory(folder, "busy"), Vendor.OPEN)) {
      try (Http2Wire wire = Http2Wire.to(busy.ready().port())) {
        for (int i = 0; i < 5_000; i++) {
          int stream = 2 * i + 1;
          if (!wire.sends(join(request(stream), frame(RST_STREAM, 0, stream, CANCEL)))) {
            break;
          }
        }
        assertThat(wire.endsWithin(SOON)).isTrue();
      }
      busy.server.close();
      // Four hundred resets a minute, and the one that was over.
      assertThat(busy.minted()).isLessThanOrEqualTo(401);
    }
  }

  @Test
  void a_client_that_makes_the_server_reset_its_requests_is_cut_off_too() {
    int before = vendor.minted();
    try (Http2Wire wire = Http2Wire.to(vendor.port())) {
      for (int i = 0; i < 5_000; i++) {
        int stream = 2 * i + 1;
        byte[] both =
            join(
                frame(HEADERS, END_HEADERS, stream, vend()),
                frame(WINDOW_UPDATE, 0, stream, number(0)));
        if (!wire.sends(both)) {
          break;
        }
      }
      assertThat(wire.endsWithin(SOON)).isTrue();
    }
    assertThat(vendor.minted()).isEqualTo(before);
  }

  @Test
  void more_requests_at_a_time_than_are_allowed_are_turned_away() {
    int before = vendor.minted();
    try (Http2Wire wire = Http2Wire.to(vendor.port())) {
      for (int stream = 1; stream < 2 * 100; stream += 2) {
        wire.sends(frame(HEADERS, END_HEADERS, stream, vend()));
      }
      wire.sends(request(201));
      assertThat(wire.status(201)).isZero();
    }
    assertThat(vendor.minted()).isEqualTo(before);
  }

  private static byte[] request(int stream) {
    return frame(HEADERS, WHOLE, stream, vend());
  }

  private static byte[] target(String path) {
    return block(":method", "GET", ":scheme", "http", ":path", path, ":authority", "localhost");
  }

  /** A field that is remembered, and then named by its index a thousand times (RFC 7541). */
  private static byte[] bomb(String value) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.writeBytes(vend());
    block.write(0x40);
    Http2Wire.integer(block, 1);
    block.write('x');
    byte[] bytes = value.substring(0, 4_000).getBytes(UTF_8);
    Http2Wire.integer(block, bytes.length);
    block.writeBytes(bytes);
    block.writeBytes(times(1_000, bytes(0xbe)));
    return block.toByteArray();
  }

  /** A name whose code is nothing but the mark for an end, which must not stand in a text. */
  private static byte[] endInText() {
    return bytes(0x00, 0x84, 0xff, 0xff, 0xff, 0xff, 0x01, 'a');
  }

  private static byte[] setting(int name, int value) {
    return ByteBuffer.allocate(6).putShort((short) name).putInt(value).array();
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
