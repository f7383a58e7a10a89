package tokenvending.momentolocal;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** A chunked HTTP/1.1 body without the lines that tell the length of each chunk. */
final class ChunkedBody extends InputStream {

  private final InputStream in;
  private int left;

  ChunkedBody(InputStream in) {
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] to, int at, int length) throws IOException {
    if (length == 0) {
      // Must not wait for the next chunk.
      return 0;
    }
    while (left == 0) {
      String line = line();
      left = line.isEmpty() ? 0 : Integer.parseInt(line, 16);
    }
    int count = in.read(to, at, Math.min(length, left));
    left -= Math.max(count, 0);
    return count;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    int next = in.read();
    while (next != '\n') {
      if (next < 0) {
        throw new EOFException();
      }
      line.append((char) next);
      next = in.read();
    }
    return line.toString().strip();
  }
}
