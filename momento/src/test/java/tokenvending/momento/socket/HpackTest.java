package tokenvending.momento.socket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Netty's codec is the judge, and the examples of RFC 7541. */
final class HpackTest {
  private static final String SOME = "abcdefghijklmnopqrstuvwxyz0123456789-";

  /** By one encoder, whose table changes with each block, and sometimes its size. */
  @Test
  void what_netty_writes_is_read() throws Http2Exception, ProtocolException {
    DefaultHttp2HeadersEncoder netty = new DefaultHttp2HeadersEncoder((name, value) -> false);
    Hpack hpack = new Hpack();
    Random random = new Random(20261124);
    List<String> names = Stream.generate(() -> name(random)).limit(30).toList();
    List<String> values = Stream.generate(() -> value(random)).limit(30).toList();
    for (int i = 0; i < 2_000; i++) {
      if (random.nextInt(50) == 0) {
        netty.configuration().maxHeaderTableSize(random.nextInt(4097));
      }
      Http2Headers headers = new DefaultHttp2Headers(false);
      List<String> expected = new ArrayList<>();
      for (int field = random.nextInt(12); field >= 0; field--) {
        String name = names.get(random.nextInt(names.size()));
        String value =
            random.nextBoolean() ? values.get(random.nextInt(values.size())) : value(random);
        headers.add(name, value);
        expected.add(name + "=" + value);
      }
      if (random.nextBoolean()) {
        headers.status("200");
        expected.addFirst(":status=200");
      }
      ByteBuf block = Unpooled.buffer();
      netty.encodeHeaders(1, headers, block);

      assertThat(read(hpack, ByteBufUtil.getBytes(block)))
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  @Test
  void netty_reads_what_is_written() throws Http2Exception {
    Random random = new Random(7541);
    DefaultHttp2HeadersDecoder netty = new DefaultHttp2HeadersDecoder(false);
    for (int i = 0; i < 500; i++) {
      String name = name(random);
      String value = value(random);
      ByteArrayOutputStream block = new ByteArrayOutputStream();
      Hpack.write(name, value, block);

      Http2Headers read = netty.decodeHeaders(1, Unpooled.wrappedBuffer(block.toByteArray()));

      assertThat(read.get(name).toString()).isEqualTo(value);
    }
  }

  /** RFC 7541, C.2 and C.4. */
  @Test
  void the_examples_of_the_rfc_are_read() throws ProtocolException {
    Hpack hpack = new Hpack();
    assertThat(read(hex("400a637573746f6d2d6b65790d637573746f6d2d686561646572")))
        .containsExactly("custom-key=custom-header");
    assertThat(read(hex("040c2f73616d706c652f70617468"))).containsExactly(":path=/sample/path");
    assertThat(read(hex("100870617373776f726406736563726574"))).containsExactly("password=secret");
    assertThat(read(hpack, hex("828684418cf1e3c2e5f23a6ba0ab90f4ff")))
        .containsExactly(":method=GET", ":scheme=http", ":path=/", ":authority=www.example.com");
    assertThat(read(hpack, hex("828684be5886a8eb10649cbf")))
        .containsExactly(
            ":method=GET",
            ":scheme=http",
            ":path=/",
            ":authority=www.example.com",
            "cache-control=no-cache");
    assertThat(read(hpack, hex("828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf")))
        .containsExactly(
            ":method=GET",
            ":scheme=https",
            ":path=/index.html",
            ":authority=www.example.com",
            "custom-key=custom-value");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "be", // an entry of a table that there is not
        "80", // no entry at all
        "3fe21f", // a table of 4097 octets
        "00", // cut off
        "000161", // cut off behind the name
        "00016105", // a value that does not come
        "007fffffffffff", // a number without end
        "0001618100", // a padding that is none
        "00016184ffffffff", // the end of a text, written
      })
  void what_is_no_block_is_refused(String block) {
    assertThatThrownBy(() -> read(hex(block))).isInstanceOf(ProtocolException.class);
  }

  @Test
  void anything_at_all_is_read_or_refused() {
    Random random = new Random(9113);
    for (int i = 0; i < 100_000; i++) {
      byte[] block = new byte[random.nextInt(40)];
      random.nextBytes(block);
      try {
        var _ = read(block);
      } catch (ProtocolException e) {
        assertThat(e.getMessage()).doesNotContain("\0");
      }
    }
  }

  private static List<String> read(byte[] block) throws ProtocolException {
    return read(new Hpack(), block);
  }

  private static List<String> read(Hpack hpack, byte[] block) throws ProtocolException {
    List<String> fields = new ArrayList<>();
    hpack.read(ByteBuffer.wrap(block), (name, value) -> fields.add(name + "=" + value));
    return fields;
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  private static String name(Random random) {
    StringBuilder name = new StringBuilder("x");
    for (int size = random.nextInt(20); size > 0; size--) {
      name.append(SOME.charAt(random.nextInt(SOME.length())));
    }
    return name.toString();
  }

  private static String value(Random random) {
    byte[] value = new byte[random.nextInt(4) == 0 ? random.nextInt(700) : random.nextInt(20)];
    for (int i = 0; i < value.length; i++) {
      value[i] =
          (byte) (random.nextInt(3) == 0 ? 128 + random.nextInt(128) : 33 + random.nextInt(94));
    }
    return new String(value, ISO_8859_1);
  }
}
