package tokenvending.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;

/**
 * A connection on which frames of HTTP/2 are sent as they are, whatever the protocol says of them
 * (RFC 9113, without TLS, known beforehand). Waits ten seconds at most for each read.
 */
final class Http2Wire implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int PRIORITY = 2;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PUSH_PROMISE = 5;
  static final int PING = 6;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int END_STREAM = 1;
  static final int ACK = 1;
  static final int END_HEADERS = 4;
  static final int PADDED = 8;

  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  private final Socket socket;
  private final DataInputStream in;

  private Http2Wire(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
  }

  /** What came back on the connection; the payload with one char for each byte. */
  record Frame(int type, int stream, String payload) {}

  /** Connects, with a preface and settings that leave everything as it is. */
  static Http2Wire to(int port) {
    Http2Wire wire = silently(port);
    wire.sends(PREFACE.getBytes(ISO_8859_1));
    wire.sends(frame(SETTINGS, 0, 0, new byte[0]));
    return wire;
  }

  /** Connects, and says nothing. */
  static Http2Wire silently(int port) {
    try {
      Socket socket = new Socket();
      // Little room for what is not read, so that it soon is the server's to keep.
      socket.setReceiveBufferSize(4 * 1024);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      socket.setSoTimeout(10_000);
      socket.setTcpNoDelay(true);
      return new Http2Wire(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (payload.length >> 16))
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  /** The same bytes again and again. */
  static byte[] times(int count, byte[] bytes) {
    ByteBuffer all = ByteBuffer.allocate(count * bytes.length);
    for (int i = 0; i < count; i++) {
      all.put(bytes);
    }
    return all.array();
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** A block of headers, names and values in turn, as literals that are not indexed (RFC 7541). */
  static byte[] block(String... namesAndValues) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      block.write(0);
      string(block, namesAndValues[i]);
      string(block, namesAndValues[i + 1]);
    }
    return block.toByteArray();
  }

  /** A request that is vended for, with further headers. */
  static byte[] vend(String... further) {
    return join(
        block(":method", "GET", ":scheme", "http", ":path", "/", ":authority", "localhost"),
        block(further));
  }

  private static void string(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    integer(out, bytes.length);
    out.writeBytes(bytes);
  }

  /** With a prefix of seven bits whose eighth is zero. */
  static void integer(ByteArrayOutputStream out, int number) {
    if (number < 0x7f) {
      out.write(number);
      return;
    }
    out.write(0x7f);
    int rest = number - 0x7f;
    for (; rest >= 0x80; rest >>= 7) {
      out.write(0x80 | (rest & 0x7f));
    }
    out.write(rest);
  }

  /** Sends where the other side may have gone; false if it has. */
  boolean sends(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** The next frame; empty at the end of the connection. */
  Optional<Frame> next() {
    try {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      in.readUnsignedByte();
      int stream = in.readInt();
      return Optional.of(new Frame(type, stream, new String(in.readNBytes(length), ISO_8859_1)));
    } catch (SocketTimeoutException e) {
      throw new AssertionError("nothing came, and the connection did not end", e);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Whether the other side ends the connection in time, whatever it says before. */
  boolean endsWithin(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      if (next().isEmpty()) {
        return true;
      }
    }
    return false;
  }

  /**
   * The status of the answer on a stream; 0 where it was reset, or the connection ended, before.
   */
  int status(int stream) {
    for (Optional<Frame> next = next(); next.isPresent(); next = next()) {
      Frame frame = next.get();
      if (frame.stream() == stream && frame.type() == RST_STREAM) {
        return 0;
      }
      if (frame.stream() == stream && frame.type() == HEADERS) {
        return status(frame.payload());
      }
    }
    return 0;
  }

  /** The first field of an answer is its status: one that has an index, or else a literal. */
  private static int status(String block) {
    int[] indexed = {200, 204, 206, 304, 400, 404, 500};
    int at = 0;
    // A change of the table's size may come first.
    while ((block.charAt(at) & 0xe0) == 0x20) {
      at++;
    }
    int first = block.charAt(at);
    if (first >= 0x88 && first <= 0x8e) {
      return indexed[first - 0x88];
    }
    if (block.charAt(at + 1) != 3) {
      throw new AssertionError("a status that is not three plain digits");
    }
    return Integer.parseInt(block.substring(at + 2, at + 5));
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
