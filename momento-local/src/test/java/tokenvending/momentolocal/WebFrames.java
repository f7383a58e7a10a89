package tokenvending.momentolocal;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Base64;

/** The frames of a gRPC-Web text answer, read one by one as they arrive. */
final class WebFrames {

  /** One frame: a message, or the trailers that end the answer. */
  record Frame(boolean trailers, ByteString body) {

    String text() {
      return body.toStringUtf8();
    }
  }

  private final InputStream in;
  private byte[] decoded = new byte[0];
  private int at;

  WebFrames(InputStream in) {
    this.in = in;
  }

  static String request(byte[] message) {
    return Base64.getEncoder().encodeToString(frame(message));
  }

  static byte[] frame(byte[] message) {
    return ByteBuffer.allocate(5 + message.length)
        .put((byte) 0)
        .putInt(message.length)
        .put(message)
        .array();
  }

  /** The next frame; blocks until it is there. */
  Frame next() throws IOException {
    int flags = read();
    int length = 0;
    for (int i = 0; i < 4; i++) {
      length = length << 8 | read();
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int i = 0; i < length; i++) {
      body.write(read());
    }
    return new Frame((flags & 0x80) != 0, ByteString.copyFrom(body.toByteArray()));
  }

  private int read() throws IOException {
    if (at == decoded.length) {
      // Four characters at a time, for the padding may come anywhere between frames.
      byte[] four = in.readNBytes(4);
      if (four.length < 4) {
        throw new EOFException();
      }
      decoded = Base64.getDecoder().decode(four);
      at = 0;
    }
    return decoded[at++] & 0xff;
  }
}
